;; Reaches somebody over WASI's sockets, as the first letter of a message's kind says, and logs what comes of it: what it
;; was answered, a number, or `e` and the number of the error.
;;   c  connects to an IPv4 address and a port, as six bytes, says `ping`, and logs the answer
;;   n  looks a name up, and logs the first number of its first IPv4 address
;;   u  makes a socket for UDP
;;   b  binds a socket to an address and a port, as for `c`
(module
  (import "greenroom:actor/log@0.1.0" "write" (func $log (param i32 i32 i32)))
  (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $tcp (param i32 i32)))
  (import "wasi:sockets/udp-create-socket@0.2.0" "create-udp-socket" (func $udp (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-connect"
    (func $connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-bind"
    (func $bind (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.finish-connect" (func $connected (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.subscribe" (func $socket_ready (param i32) (result i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.0" "resolve-addresses" (func $look_up (param i32 i32 i32 i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.0" "[method]resolve-address-stream.resolve-next-address"
    (func $next (param i32 i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.0" "[method]resolve-address-stream.subscribe"
    (func $name_ready (param i32) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (memory (export "memory") 2)
  (global $top (mut i32) (i32.const 4096))
  (data (i32.const 32) "ping")
  (data (i32.const 48) "e")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (local.get $at))

  ;; A number, after an `e` if it is an error.
  (func $number (param $number i32) (param $error i32)
    (local $at i32)
    (local.set $at (i32.const 256))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.rem_u (local.get $number) (i32.const 10)) (i32.const 48)))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $digit (local.get $number)))
    (if (local.get $error) (then
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.const 101))))
    (call $log (i32.const 2) (local.get $at) (i32.sub (i32.const 256) (local.get $at))))
  ;; Whether the result at 512 is an error, whose number is at `at`: then it is logged.
  (func $failed (param $at i32) (result i32)
    (if (i32.load8_u (i32.const 512)) (then (call $number (i32.load8_u (local.get $at)) (i32.const 1))))
    (i32.load8_u (i32.const 512)))

  (func $reach (param $body i32) (param $binds i32)
    (local $socket i32)
    (call $tcp (i32.const 0) (i32.const 512))
    (if (call $failed (i32.const 516)) (then (return)))
    (local.set $socket (i32.load (i32.const 516)))
    (if (local.get $binds)
      (then (call $bind (local.get $socket) (call $network) (i32.const 0) (i32.load16_u offset=4 (local.get $body))
        (i32.load8_u (local.get $body)) (i32.load8_u offset=1 (local.get $body)) (i32.load8_u offset=2 (local.get $body))
        (i32.load8_u offset=3 (local.get $body))
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 512)))
      (else (call $connect (local.get $socket) (call $network) (i32.const 0) (i32.load16_u offset=4 (local.get $body))
        (i32.load8_u (local.get $body)) (i32.load8_u offset=1 (local.get $body)) (i32.load8_u offset=2 (local.get $body))
        (i32.load8_u offset=3 (local.get $body))
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 512))))
    (if (call $failed (i32.const 513)) (then (return)))
    (if (local.get $binds) (then (call $number (i32.const 0) (i32.const 0)) (return)))
    (call $block (call $socket_ready (local.get $socket)))
    (call $connected (local.get $socket) (i32.const 512))
    (if (call $failed (i32.const 516)) (then (return)))
    (local.set $socket (i32.load (i32.const 516)))
    (call $write (i32.load (i32.const 520)) (i32.const 32) (i32.const 4) (i32.const 512))
    (if (call $failed (i32.const 516)) (then (return)))
    (call $read (local.get $socket) (i64.const 100) (i32.const 512))
    (if (call $failed (i32.const 516)) (then (return)))
    (call $log (i32.const 2) (i32.load (i32.const 516)) (i32.load (i32.const 520))))

  (func $name (param $name i32) (param $length i32)
    (local $stream i32)
    (call $look_up (call $network) (local.get $name) (local.get $length) (i32.const 512))
    (if (call $failed (i32.const 516)) (then (return)))
    (local.set $stream (i32.load (i32.const 516)))
    (call $block (call $name_ready (local.get $stream)))
    (loop $further
      (call $next (local.get $stream) (i32.const 512))
      (if (call $failed (i32.const 514)) (then (return)))
      ;; none further
      (if (i32.eqz (i32.load8_u (i32.const 514))) (then (call $number (i32.const 0) (i32.const 0)) (return)))
      (br_if $further (i32.load8_u (i32.const 516))))
    (call $number (i32.load8_u (i32.const 518)) (i32.const 0)))

  (func $do (param $what i32) (param $body i32) (param $length i32)
    (if (i32.eq (local.get $what) (i32.const 99)) (then (call $reach (local.get $body) (i32.const 0))))
    (if (i32.eq (local.get $what) (i32.const 98)) (then (call $reach (local.get $body) (i32.const 1))))
    (if (i32.eq (local.get $what) (i32.const 110)) (then (call $name (local.get $body) (local.get $length))))
    (if (i32.eq (local.get $what) (i32.const 117)) (then
      (call $udp (i32.const 0) (i32.const 512))
      (drop (call $failed (i32.const 516))))))

  (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32)
    (i64.store (i32.const 304) (i64.const 0))
    (i64.store (i32.const 312) (i64.const 0))
    (i32.const 304))
  (func (export "greenroom:actor/behavior@0.1.0#handle")
    (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (call $do (i32.load8_u (local.get 8)) (local.get 10) (local.get 11))
    (global.set $top (i32.const 4096))
    (i64.store (i32.const 304) (i64.const 0))
    (i64.store (i32.const 312) (i64.const 0))
    (i32.const 304)))
