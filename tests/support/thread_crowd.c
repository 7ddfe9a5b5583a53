#include "support/thread_crowd.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/process_watch.h"

static atomic_int is_there;
static pthread_t threads[CROWD_THREADS];

static void wait_for_ever(void) {
    while (atomic_load(&is_there)) {
        (void)pause();
    }
}

static void ask_to_be_called_at_a_fork(void) {
    (void)pthread_atfork(wait_for_ever, NULL, NULL);
}

static void *live(void *user) {
    while (atomic_load(&is_there)) {
        sleep_microseconds(1000);
    }
    return user;
}

void crowd_begin(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    assert_int_equal(pthread_once(&once, ask_to_be_called_at_a_fork), 0);
    atomic_store(&is_there, 1);
    for (int i = 0; i < CROWD_THREADS; ++i) {
        assert_int_equal(pthread_create(&threads[i], NULL, live, NULL), 0);
    }
}

void crowd_end(void) {
    atomic_store(&is_there, 0);
    for (int i = 0; i < CROWD_THREADS; ++i) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}
