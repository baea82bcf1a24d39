#!/bin/sh
# The module exports its one symbol and nothing else. Usage: symbols.sh MODULE
exported=$(nm -D --defined-only "$1" | awk '{print $3}')
[ "$exported" = dkm_plugin_get_api ] || { echo "exported: $exported"; exit 1; }
