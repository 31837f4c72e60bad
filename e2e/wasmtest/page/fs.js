// The file system of a Go js/wasm program in a page: standard output and error go to the
// runner, the module's files are readable, everything else fails with an error code that
// Go knows. Load it before wasm_exec.js, whose own stand-in answers ENOSYS, which package
// testing does not take for "no such file".
"use strict";
(() => {
  const flags = { O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536 };
  const writing = flags.O_WRONLY | flags.O_RDWR | flags.O_CREAT | flags.O_TRUNC | flags.O_APPEND;
  const open = new Map();
  let nextFD = 3;

  const fail = (code) => Object.assign(new Error(code), { code });

  // Synchronous, so that the runner has the output before the program goes on: complete
  // and in order even if it panics, hangs or crashes the tab next.
  const send = (path, body) => {
    const request = new XMLHttpRequest();
    request.open("POST", path, false);
    request.send(body);
    if (request.status !== 200) throw fail("EIO");
  };

  const ask = async (what, path) => {
    const url = what + "?path=" + encodeURIComponent(path.startsWith("/") ? path : cwd + "/" + path);
    const reply = await fetch(url);
    if (reply.ok) return reply;
    throw fail(reply.status === 404 ? "ENOENT" : reply.status === 403 ? "EACCES" : "EIO");
  };

  // Calls callback(null, result) or callback(error), exactly once.
  const settle = (promise, callback) => {
    promise.then(
      (result) => callback(null, result),
      (err) => callback(err.code ? err : fail("EIO")),
    );
  };

  const statOf = ({ size, mode, mtimeMs }) => ({
    dev: 0, ino: 0, mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size, blksize: 4096, blocks: Math.ceil(size / 512),
    atimeMs: mtimeMs, mtimeMs, ctimeMs: mtimeMs, isDirectory: () => (mode & 0x4000) !== 0,
  });
  const stat = async (path) => statOf(await (await ask("stat", path)).json());

  const openFile = async (path, flag) => {
    const info = await stat(path).catch((err) => {
      throw err.code === "ENOENT" && flag & flags.O_CREAT ? fail("EROFS") : err;
    });
    if (flag & writing) throw fail("EROFS");
    if (flag & flags.O_DIRECTORY && !info.isDirectory()) throw fail("ENOTDIR");
    const bytes = info.isDirectory() ? null : new Uint8Array(await (await ask("read", path)).arrayBuffer());
    open.set(nextFD, { info, bytes, position: 0 });
    return nextFD++;
  };

  const readFile = async (fd, buffer, offset, length, position) => {
    const file = open.get(fd);
    if (!file) throw fail("EBADF");
    if (!file.bytes) throw fail("EISDIR");
    const from = position ?? file.position;
    const chunk = file.bytes.subarray(from, from + length);
    buffer.set(chunk, offset);
    if (position === null) file.position += chunk.length;
    return chunk.length;
  };

  const writeFile = (fd, buffer) => {
    if (fd !== 1 && fd !== 2) throw fail(open.has(fd) ? "EROFS" : "EBADF");
    send("write/" + fd, buffer.slice()); // a copy: the memory is the program's
    return buffer.length;
  };

  const files = {
    constants: flags,
    writeSync: writeFile, // the runtime's own: panics and println
    write: (fd, buffer, offset, length, position, callback) =>
      settle(new Promise((done) => done(writeFile(fd, buffer.subarray(offset, offset + length)))), callback),
    open: (path, flag, perm, callback) => settle(openFile(path, flag), callback),
    read: (fd, buffer, offset, length, position, callback) => settle(readFile(fd, buffer, offset, length, position), callback),
    close: (fd, callback) => callback(open.delete(fd) || fd < 3 ? null : fail("EBADF")),
    stat: (path, callback) => settle(stat(path), callback),
    lstat: (path, callback) => settle(stat(path), callback),
    fstat: (fd, callback) => (open.has(fd) ? callback(null, open.get(fd).info) : callback(fail("EBADF"))),
    readdir: (path, callback) => settle(ask("read", path).then((reply) => reply.json()), callback),
    readlink: (path, callback) => callback(fail("EINVAL")),
    fsync: (fd, callback) => callback(null),
  };
  for (const name of ["chmod", "chown", "fchmod", "fchown", "ftruncate", "lchown", "link", "mkdir", "rename", "rmdir", "symlink", "truncate", "unlink", "utimes"]) {
    files[name] = (...args) => args.at(-1)(fail("EROFS"));
  }
  globalThis.fs = files;

  let cwd = "/";
  globalThis.process = {
    pid: -1, ppid: -1,
    getuid: () => -1, getgid: () => -1, geteuid: () => -1, getegid: () => -1,
    getgroups: () => { throw fail("ENOSYS"); },
    umask: () => { throw fail("ENOSYS"); },
    cwd: () => cwd,
    chdir: (path) => { cwd = path.startsWith("/") ? path : cwd + "/" + path; },
  };
  globalThis.wasmtestSend = send;
})();
