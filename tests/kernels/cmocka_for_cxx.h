/* cmocka for a C++ test: its header says nothing of C++. */
#ifndef MAXSHARPE_CMOCKA_FOR_CXX_H
#define MAXSHARPE_CMOCKA_FOR_CXX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

#endif
