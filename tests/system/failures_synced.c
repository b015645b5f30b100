/* Loaded before the C library of a sender (LD_PRELOAD):
   SYNCED_LOG=FILE  notes, for each file that is written and synced, how far it was asked to be kept: "END NAME" per line.
   SYNC_TAKES=MS    makes the disk slow, so that what does not wait for it is far ahead of it.
   KILL_AT=N        kills the process at its N-th request to the disk or word to another process (fsync, send). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILES 4096
static off_t end_of[FILES];
static long steps;

static void step(void) {
    const char *at = getenv("KILL_AT");
    if (at && __atomic_add_fetch(&steps, 1, __ATOMIC_SEQ_CST) == atol(at)) kill(getpid(), SIGKILL);
}

static void note(int fd) {
    char link[64], name[4096], line[4200];
    const char *log = getenv("SYNCED_LOG");
    if (fd < 0 || fd >= FILES || !log) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return;
    name[length] = 0;
    int out = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    int size = snprintf(line, sizeof line, "%lld %s\n", (long long)end_of[fd], name);
    if (out >= 0 && write(out, line, size) == size) close(out);
}

static ssize_t wrote(int fd, off_t offset, ssize_t count) {
    if (fd >= 0 && fd < FILES && count > 0) end_of[fd] = offset + count;
    return count;
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    return wrote(fd, offset, real(fd, data, count, offset));
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite");
    return wrote(fd, offset, real(fd, data, count, offset));
}

static void slow(void) {
    const char *takes = getenv("SYNC_TAKES");
    if (takes) usleep(1000 * atoi(takes));
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    step();
    slow();
    int result = real(fd);
    if (!result) note(fd);
    return result;
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    step();
    slow();
    int result = real(fd);
    if (!result) note(fd);
    return result;
}

ssize_t send(int fd, const void *data, size_t count, int flags) {
    static ssize_t (*real)(int, const void *, size_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "send");
    step();
    return real(fd, data, count, flags);
}
