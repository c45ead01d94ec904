;; Does through WASI preview 1 what the first letter of a message's kind says, and prints what comes of it as a line: what
;; was read, a number, or `e` and the number of the error.
;;   p  prints the message's body
;;   r  reads a file: the folder that it was given as number so and so (a digit, from 3), and the path in it
;;   w  writes `written` into a file, named in the same way
;;   m  makes a folder
;;   l  looks whether there is a file
;;   s  sleeps for so many milliseconds, and prints by how many nanoseconds its clock went on
;;   t  the monotonic clock, and the time of day
;;   x  two random numbers
(module
  ;; IMPORTS
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $make_folder (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $look (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 8)
  (global $top (mut i32) (i32.const 65536))
  (data (i32.const 24) "\n")
  (data (i32.const 32) "written")
  (data (i32.const 48) "e")

  ;; What is handed over is good until the next message.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  (func $put (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $line (param $at i32) (param $length i32)
    (call $put (local.get $at) (local.get $length))
    (call $put (i32.const 24) (i32.const 1)))
  (func $number (param $number i64)
    (local $at i32)
    (local.set $at (i32.const 256))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.wrap_i64 (i64.add (i64.rem_u (local.get $number) (i64.const 10)) (i64.const 48))))
      (local.set $number (i64.div_u (local.get $number) (i64.const 10)))
      (br_if $next (i64.ne (local.get $number) (i64.const 0))))
    (call $line (local.get $at) (i32.sub (i32.const 256) (local.get $at))))
  ;; An error, if it is one.
  (func $error (param $number i32) (result i32)
    (if (local.get $number)
      (then
        (call $put (i32.const 48) (i32.const 1))
        (call $number (i64.extend_i32_u (local.get $number)))))
    (local.get $number))
  (func $monotonic (result i64)
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 264)))
    (i64.load (i32.const 264)))

  ;; Opens a file, and gives its handle, or none. `how`: preview 1's flags; `rights`: what it wants to do.
  (func $open (param $body i32) (param $length i32) (param $how i32) (param $rights i64) (result i32)
    (if (call $error (call $path_open
          (i32.sub (i32.load8_u (local.get $body)) (i32.const 48)) (i32.const 1)
          (i32.add (local.get $body) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1))
          (local.get $how) (local.get $rights) (local.get $rights) (i32.const 0) (i32.const 272)))
      (then (return (i32.const 0))))
    (i32.load (i32.const 272)))
  (func $read (param $body i32) (param $length i32)
    (local $file i32)
    (local.set $file (call $open (local.get $body) (local.get $length) (i32.const 0) (i64.const 2)))
    (if (i32.eqz (local.get $file)) (then (return)))
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 1024))
    (if (i32.eqz (call $error (call $fd_read (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8))))
      (then (call $line (i32.const 1024) (i32.load (i32.const 8)))))
    (drop (call $fd_close (local.get $file))))
  (func $write (param $body i32) (param $length i32)
    (local $file i32)
    ;; made if it is not there, and emptied if it is
    (local.set $file (call $open (local.get $body) (local.get $length) (i32.const 9) (i64.const 64)))
    (if (i32.eqz (local.get $file)) (then (return)))
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 7))
    (drop (call $error (call $fd_write (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8))))
    (drop (call $fd_close (local.get $file))))
  (func $sleep (param $body i32) (param $length i32)
    (local $time i64) (local $began i64)
    (loop $digit
      (local.set $time (i64.add (i64.mul (local.get $time) (i64.const 10))
        (i64.extend_i32_u (i32.sub (i32.load8_u (local.get $body)) (i32.const 48)))))
      (local.set $body (i32.add (local.get $body) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br_if $digit (local.get $length)))
    ;; one subscription: to the monotonic clock, so much later
    (memory.fill (i32.const 320) (i32.const 0) (i32.const 48))
    (i32.store (i32.const 336) (i32.const 1))
    (i64.store (i32.const 344) (i64.mul (local.get $time) (i64.const 1000000)))
    (local.set $began (call $monotonic))
    (if (i32.eqz (call $error (call $poll (i32.const 320) (i32.const 384) (i32.const 1) (i32.const 280))))
      (then (call $number (i64.sub (call $monotonic) (local.get $began))))))

  (func $do (param $what i32) (param $body i32) (param $length i32)
    (if (i32.eq (local.get $what) (i32.const 112)) (then (call $line (local.get $body) (local.get $length))))
    (if (i32.eq (local.get $what) (i32.const 114)) (then (call $read (local.get $body) (local.get $length))))
    (if (i32.eq (local.get $what) (i32.const 119)) (then (call $write (local.get $body) (local.get $length))))
    (if (i32.eq (local.get $what) (i32.const 109)) (then
      (drop (call $error (call $make_folder (i32.sub (i32.load8_u (local.get $body)) (i32.const 48))
        (i32.add (local.get $body) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1)))))))
    (if (i32.eq (local.get $what) (i32.const 108)) (then
      (drop (call $error (call $look (i32.sub (i32.load8_u (local.get $body)) (i32.const 48)) (i32.const 1)
        (i32.add (local.get $body) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1)) (i32.const 448))))))
    (if (i32.eq (local.get $what) (i32.const 115)) (then (call $sleep (local.get $body) (local.get $length))))
    (if (i32.eq (local.get $what) (i32.const 116)) (then
      (call $number (call $monotonic))
      (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 264)))
      (call $number (i64.load (i32.const 264)))))
    (if (i32.eq (local.get $what) (i32.const 120)) (then
      (drop (call $random (i32.const 264) (i32.const 16)))
      (call $number (i64.load (i32.const 264)))
      (call $number (i64.load (i32.const 272))))))

  (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32)
    ;; BEGIN
    (i64.store (i32.const 304) (i64.const 0))
    (i64.store (i32.const 312) (i64.const 0))
    (i32.const 304))
  (func (export "greenroom:actor/behavior@0.1.0#handle")
    (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $do (i32.load8_u (local.get 8)) (local.get 10) (local.get 11))
    (global.set $top (i32.const 65536))
    ;; ok(same)
    (i64.store (i32.const 304) (i64.const 0))
    (i64.store (i32.const 312) (i64.const 0))
    (i32.const 304)))
