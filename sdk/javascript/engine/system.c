// What the engine and its C library ask of an operating system: time and chance come from the host, and the rest is not
// there. So a component imports the contract, and nothing of WASI.

#include <stdint.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#include "engine.h"

// The time of day; 1970 while nobody knows it.
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  uint64_t nanos = 0;
  greenroom_actor_clock_wall(&nanos);
  *now = (struct timeval){(time_t)(nanos / 1000000000), (suseconds_t)(nanos / 1000 % 1000000)};
  return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  (void)clock;
  uint64_t nanos = greenroom_actor_clock_now();
  *now = (struct timespec){(time_t)(nanos / 1000000000), (long)(nanos % 1000000000)};
  return 0;
}

// The C library writes what the engine prints of itself, which nobody reads. What it calls to do so is here, and so is no
// import.
int close(int fd) { return (void)fd, 0; }

__wasi_errno_t __wasi_fd_fdstat_get(__wasi_fd_t fd, __wasi_fdstat_t *status) {
  return (void)fd, (void)status, __WASI_ERRNO_BADF;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t fd, __wasi_filedelta_t offset, __wasi_whence_t whence, __wasi_filesize_t *at) {
  (void)fd, (void)offset, (void)whence;
  *at = 0;
  return 0;
}

__wasi_errno_t __wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *parts, size_t count, __wasi_size_t *written) {
  (void)fd;
  *written = 0;
  for (size_t i = 0; i < count; i++) *written += parts[i].buf_len;
  return 0;
}

// UTC is the only zone.
struct tm *localtime_r(const time_t *restrict time, struct tm *restrict parts) { return gmtime_r(time, parts); }

// Numbers from 0 to 1, below it, in another order in each incarnation: what an instance starts with is the same for all, so
// that they begin with the address, which nobody can guess, and the time. For colours and jitter, not for secrets.
// Source: SplitMix64, https://prng.di.unimi.it/splitmix64.c.
double random_number(void) {
  static bool is_seeded;
  static uint64_t state;
  if (!is_seeded) {
    address_t own;
    greenroom_actor_messaging_own_address(&own);
    state = own.key ^ greenroom_actor_clock_now();
    is_seeded = true;
  }
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}
