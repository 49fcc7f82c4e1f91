/* Requests: a read and then a write on a socket that was accepted. A load and a compare on other descriptors. */
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agent.h"

#define DESCRIPTORS 65536
enum { OTHER, ACCEPTED, READ };

REAL(accept)
REAL(accept4)
REAL_OR_GLIBC(read)
REAL(readv)
REAL(recv)
REAL(recvfrom)
REAL(recvmsg)
REAL_OR_GLIBC(write)
REAL(writev)
REAL(send)
REAL(sendto)
REAL(sendmsg)
REAL_OR_GLIBC(close)

/* What these become where the program is compiled with _FORTIFY_SOURCE. */
extern ssize_t __read_chk(int file, void *to, size_t bytes, size_t room);
extern ssize_t __recv_chk(int file, void *to, size_t bytes, size_t room, int flags);
extern ssize_t __recvfrom_chk(int file, void *to, size_t bytes, size_t room, int flags, struct sockaddr *address,
                              socklen_t *length);
REAL(__read_chk)
REAL(__recv_chk)
REAL(__recvfrom_chk)

static uint8_t states[DESCRIPTORS];

static inline int in(int file, uint8_t state) {
  return (unsigned)file < DESCRIPTORS && LOAD(states[file]) == state;
}

static int note_accepted(int file) {
  if ((unsigned)file >= DESCRIPTORS) return file;
  int error = errno;
  struct table *table = recording();
  if (table) ADD(table->header.accepts, 1);
  STORE(states[file], table ? ACCEPTED : OTHER);
  errno = error;
  return file;
}

static inline ssize_t note_read(int file, ssize_t bytes) {
  if (UNLIKELY(in(file, ACCEPTED)) && bytes > 0) STORE(states[file], READ);
  return bytes;
}

static inline ssize_t note_written(int file, ssize_t bytes) {
  if (!UNLIKELY(in(file, READ)) || bytes <= 0) return bytes;
  int error = errno;
  STORE(states[file], ACCEPTED);
  struct table *table = recording();
  if (table) ADD(table->header.requests, 1);
  errno = error;
  return bytes;
}

EXPORT int accept(int file, struct sockaddr *address, socklen_t *length) {
  return note_accepted(get_accept()(file, address, length));
}

EXPORT int accept4(int file, struct sockaddr *address, socklen_t *length, int flags) {
  return note_accepted(get_accept4()(file, address, length, flags));
}

EXPORT ssize_t read(int file, void *to, size_t bytes) {
  return note_read(file, get_read()(file, to, bytes));
}

EXPORT ssize_t readv(int file, const struct iovec *to, int count) {
  return note_read(file, get_readv()(file, to, count));
}

EXPORT ssize_t recv(int file, void *to, size_t bytes, int flags) {
  return note_read(file, get_recv()(file, to, bytes, flags));
}

EXPORT ssize_t recvfrom(int file, void *to, size_t bytes, int flags, struct sockaddr *address, socklen_t *length) {
  return note_read(file, get_recvfrom()(file, to, bytes, flags, address, length));
}

EXPORT ssize_t recvmsg(int file, struct msghdr *message, int flags) {
  return note_read(file, get_recvmsg()(file, message, flags));
}

EXPORT ssize_t __read_chk(int file, void *to, size_t bytes, size_t room) {
  return note_read(file, get___read_chk()(file, to, bytes, room));
}

EXPORT ssize_t __recv_chk(int file, void *to, size_t bytes, size_t room, int flags) {
  return note_read(file, get___recv_chk()(file, to, bytes, room, flags));
}

EXPORT ssize_t __recvfrom_chk(int file, void *to, size_t bytes, size_t room, int flags, struct sockaddr *address,
                              socklen_t *length) {
  return note_read(file, get___recvfrom_chk()(file, to, bytes, room, flags, address, length));
}

EXPORT ssize_t write(int file, const void *from, size_t bytes) {
  return note_written(file, get_write()(file, from, bytes));
}

EXPORT ssize_t writev(int file, const struct iovec *from, int count) {
  return note_written(file, get_writev()(file, from, count));
}

EXPORT ssize_t send(int file, const void *from, size_t bytes, int flags) {
  return note_written(file, get_send()(file, from, bytes, flags));
}

EXPORT ssize_t sendto(int file, const void *from, size_t bytes, int flags, const struct sockaddr *address,
                      socklen_t length) {
  return note_written(file, get_sendto()(file, from, bytes, flags, address, length));
}

EXPORT ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
  return note_written(file, get_sendmsg()(file, message, flags));
}

EXPORT int close(int file) {
  if ((unsigned)file < DESCRIPTORS && UNLIKELY(LOAD(states[file]) != OTHER) && !is_vforked()) STORE(states[file], OTHER);
  return get_close()(file);
}
