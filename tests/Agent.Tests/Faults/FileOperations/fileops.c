// Stands between a program and libc: records what the program does to files below one folder, and makes a chosen operation
// fail, be the last one before SIGKILL, or never return. Compiled by the tests and loaded with LD_PRELOAD; it calls the kernel
// directly, so it does not matter which libc is there.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NONE = 0, KILL = -1, HANG = -2 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static char root[4096];
static size_t root_length;
static int log_file = -1;
static long count;
static long fail_at;
static int fail_with;
static int fail_again;

// The path below the root, or null.
static const char *below(const char *path)
{
    if (!root_length || !path || strncmp(path, root, root_length) != 0)
        return 0;
    return path[root_length] == '/' ? path + root_length + 1 : path[root_length] == 0 ? "." : 0;
}

static const char *below_fd(int fd, char *buffer, size_t size)
{
    char link[64];
    if (!root_length)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, size - 1);
    if (length <= 0)
        return 0;
    buffer[length] = 0;
    return below(buffer);
}

static void put(const void *data, size_t length)
{
    const char *at = data;
    while (length > 0) {
        long written = syscall(SYS_write, log_file, at, length);
        if (written <= 0)
            return;
        at += written;
        length -= written;
    }
}

// One record: kind, offset, length of data, path, second path; then the data.
static void record(char kind, long offset, const void *data, size_t length, const char *path, const char *other)
{
    char line[9000];
    if (log_file < 0)
        return;
    int n = snprintf(line, sizeof line, "%c %ld %zu %s\t%s\n", kind, offset, length, path, other ? other : "");
    put(line, n);
    put(data, length);
}

// Counts an operation; says what shall happen to it. "Takes space" and "writes" say which errors make sense.
static int fate(int writes, int takes_space)
{
    count++;
    int due = fail_at > 0 && (count == fail_at || (fail_again && count > fail_at));
    if (!due || (fail_with == ENOSPC && !takes_space) || (fail_with == EROFS && !writes))
        return NONE;
    return fail_with;
}

static void end_here(int fate)
{
    if (fate == KILL)
        syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    if (fate == HANG)
        record('M', 0, 0, 0, "hangs", 0);
    while (fate == KILL || fate == HANG)
        pause();
}

static long failing(int error, char kind, const char *name)
{
    char text[2] = { kind, 0 };
    if (error > 0)
        record('E', 0, 0, 0, name, text);
    pthread_mutex_unlock(&gate);
    end_here(error);
    errno = error;
    return -1;
}

void fileops_begin(const char *folder, const char *log, long at, int with, int again)
{
    pthread_mutex_lock(&gate);
    count = 0;
    fail_at = at;
    fail_with = with;
    fail_again = again;
    log_file = log ? syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    pthread_mutex_unlock(&gate);
}

long fileops_end(void)
{
    pthread_mutex_lock(&gate);
    root_length = 0;
    if (log_file >= 0)
        syscall(SYS_close, log_file);
    log_file = -1;
    long operations = count;
    pthread_mutex_unlock(&gate);
    return operations;
}

void fileops_mark(const char *text)
{
    pthread_mutex_lock(&gate);
    record('M', 0, 0, 0, text, 0);
    pthread_mutex_unlock(&gate);
}

static int open_any(int folder, const char *path, int flags, mode_t mode)
{
    const char *name = folder == AT_FDCWD ? below(path) : 0;
    if (!name)
        return syscall(SYS_openat, folder, path, flags, mode);
    pthread_mutex_lock(&gate);
    struct stat before;
    int creates = (flags & O_CREAT) && fstatat(AT_FDCWD, path, &before, AT_SYMLINK_NOFOLLOW) != 0;
    int changes = creates || (flags & O_TRUNC);
    int error = fate(changes, creates);
    if (error)
        return failing(error, creates ? 'C' : 'O', name);
    int fd = syscall(SYS_openat, folder, path, flags, mode);
    int saved = errno;
    if (fd >= 0 && creates)
        record('C', 0, 0, 0, name, 0);
    else if (fd >= 0 && (flags & O_TRUNC))
        record('T', 0, 0, 0, name, 0);
    pthread_mutex_unlock(&gate);
    errno = saved;
    return fd;
}

#define OPEN_MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { OPEN_MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { OPEN_MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { OPEN_MODE(flags) return open_any(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { OPEN_MODE(flags) return open_any(folder, path, flags, mode); }

static ssize_t write_any(int fd, const void *data, size_t length, off_t offset, int positioned)
{
    char buffer[4096];
    const char *name = below_fd(fd, buffer, sizeof buffer);
    if (!name)
        return positioned ? syscall(SYS_pwrite64, fd, data, length, offset) : syscall(SYS_write, fd, data, length);
    pthread_mutex_lock(&gate);
    if (!positioned)
        offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
    int error = fate(1, 1);
    int half = error == KILL || (error == ENOSPC && count == fail_at);
    if (error && !(half && length > 1))
        return failing(error, 'W', name);
    if (error)
        length /= 2; // a disk that fills up, or a process that ends, in the middle
    ssize_t written = positioned ? syscall(SYS_pwrite64, fd, data, length, offset) : syscall(SYS_write, fd, data, length);
    int saved = errno;
    if (written > 0)
        record('W', offset, data, written, name, 0);
    pthread_mutex_unlock(&gate);
    end_here(error);
    errno = saved;
    return written;
}

ssize_t write(int fd, const void *data, size_t length) { return write_any(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return write_any(fd, data, length, offset, 1); }
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) { return write_any(fd, data, length, offset, 1); }

static ssize_t read_any(int fd, void *data, size_t length, off_t offset, int positioned)
{
    char buffer[4096];
    const char *name = below_fd(fd, buffer, sizeof buffer);
    if (name) {
        pthread_mutex_lock(&gate);
        int error = fate(0, 0);
        if (error)
            return failing(error, 'P', name);
        pthread_mutex_unlock(&gate);
    }
    return positioned ? syscall(SYS_pread64, fd, data, length, offset) : syscall(SYS_read, fd, data, length);
}

ssize_t read(int fd, void *data, size_t length) { return read_any(fd, data, length, 0, 0); }
ssize_t pread(int fd, void *data, size_t length, off_t offset) { return read_any(fd, data, length, offset, 1); }
ssize_t pread64(int fd, void *data, size_t length, off_t offset) { return read_any(fd, data, length, offset, 1); }

static int change_fd(int fd, char kind, long offset, int writes, long number, int arguments)
{
    char buffer[4096];
    const char *name = below_fd(fd, buffer, sizeof buffer);
    if (!name)
        return arguments == 2 ? syscall(number, fd, offset) : syscall(number, fd);
    pthread_mutex_lock(&gate);
    int error = fate(writes, 0);
    if (error)
        return failing(error, kind, name);
    int result = arguments == 2 ? syscall(number, fd, offset) : syscall(number, fd);
    int saved = errno;
    if (result == 0)
        record(kind, offset, 0, 0, name, 0);
    pthread_mutex_unlock(&gate);
    errno = saved;
    return result;
}

int fsync(int fd) { return change_fd(fd, 'F', 0, 0, SYS_fsync, 1); }
int fdatasync(int fd) { return change_fd(fd, 'F', 0, 0, SYS_fdatasync, 1); }
int ftruncate(int fd, off_t length) { return change_fd(fd, 'T', length, 1, SYS_ftruncate, 2); }
int ftruncate64(int fd, off_t length) { return change_fd(fd, 'T', length, 1, SYS_ftruncate, 2); }

#define CHANGE(kind, path, other, takes_space, call) \
    const char *name = below(path); \
    const char *second = other; \
    if (!name) \
        return call; \
    pthread_mutex_lock(&gate); \
    int error = fate(1, takes_space); \
    if (error) \
        return failing(error, kind, name); \
    int result = call; \
    int saved = errno; \
    if (result == 0) \
        record(kind, 0, 0, 0, name, second); \
    pthread_mutex_unlock(&gate); \
    errno = saved; \
    return result;

int rename(const char *from, const char *to) { CHANGE('R', from, below(to), 0, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0)) }
int unlink(const char *path) { CHANGE('U', path, 0, 0, syscall(SYS_unlinkat, AT_FDCWD, path, 0)) }
int rmdir(const char *path) { CHANGE('U', path, 0, 0, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR)) }
int mkdir(const char *path, mode_t mode) { CHANGE('D', path, 0, 1, syscall(SYS_mkdirat, AT_FDCWD, path, mode)) }
int symlink(const char *target, const char *path) { CHANGE('L', path, target, 1, syscall(SYS_symlinkat, target, AT_FDCWD, path)) }
int link(const char *from, const char *path) { CHANGE('H', path, below(from), 1, syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, path, 0)) }
