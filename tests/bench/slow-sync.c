// Makes every sync 5 ms slower, as on a tired disk. Loaded with LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

typedef int (*sync_call)(int);

int fsync(int file) {
  usleep(5000);
  return ((sync_call)dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
  usleep(5000);
  return ((sync_call)dlsym(RTLD_NEXT, "fdatasync"))(file);
}
