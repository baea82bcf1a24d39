/* Writes the random model to ARGV[1], for tests that run other programs. */
#include "tests/support/random-model.h"

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    random_model_write(argv[1], random_model_meta);
    return 0;
}
