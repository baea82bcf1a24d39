#include "core/phantom/signal.h"

#include <math.h>

static const DkmTissueFacts water = {"water", 1000, 1e12, 1, 0, 1, 0};

/* By hand for TR/T1 = ln 2: E1 = 1/2, and at 90 degrees the signal is 1 - E1; at 60 degrees
 * sin 60 (1 - 1/2) / (1 - 1/4) = 0.57735. */
static void by_hand(void)
{
    const double tr = 1000 * log(2);
    DkmSequence sequence = {.repetition_ms = tr, .echo_ms = 0, .flip_deg = 90};
    g_assert_cmpfloat_with_epsilon(dkm_signal_spgr(&sequence, &water, 0), 0.5, 1e-9);
    sequence.flip_deg = 60;
    g_assert_cmpfloat_with_epsilon(dkm_signal_spgr(&sequence, &water, 0), 0.577350269, 1e-8);
}

/* T2* = 50 ms and an echo at 50 ms leave 1/e; half the protons give half the signal. */
static void decay_and_density(void)
{
    const DkmSequence sequence = {.repetition_ms = 1e9, .echo_ms = 50, .flip_deg = 90};
    const DkmTissueFacts tissue = {"half", 1000, 50, 0.5, 0, 1, 0};
    g_assert_cmpfloat_with_epsilon(dkm_signal_spgr(&sequence, &tissue, 0), 0.5 * exp(-1), 1e-9);
}

/* 1 mmol/l adds 4.1 /s to R1: what a tissue of T1 = 1000 / 5.1 ms gives, less the loss of T2*. */
static void agent_shortens_t1(void)
{
    const DkmSequence sequence = {.repetition_ms = 8, .echo_ms = 4, .flip_deg = 20};
    const DkmTissueFacts quick = {"quick", 1000 / 5.1, 1e12, 1, 0, 1, 0};
    const double expected = dkm_signal_spgr(&sequence, &quick, 0) * exp(-0.004 * 4.6);
    g_assert_cmpfloat_with_epsilon(dkm_signal_spgr(&sequence, &water, 1), expected, 1e-9);
    g_assert_cmpfloat(dkm_signal_spgr(&sequence, &water, 1), >,
                      dkm_signal_spgr(&sequence, &water, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/signal/by-hand", by_hand);
    g_test_add_func("/signal/decay-and-density", decay_and_density);
    g_test_add_func("/signal/agent-shortens-t1", agent_shortens_t1);
    return g_test_run();
}
