;; The counter of this example, by hand: a core module with the exports of the canonical ABI. No bindings, no libc, no WASI,
;; and no JSON but these forms, with white space where JSON has it:
;;
;;   add                     {"how-many": N}, and nothing else in it
;;   the state               {"count": N}
;;   the configuration       as the host writes it: "every-ms":N and "topic":"TEXT" anywhere in it, without escapes
;;
;; What others say in the words of the message, it says in fixed sentences.
(module
  ;; A string or a list is a pointer and a length; a result that needs more than one number is written where the last
  ;; pointer says.
  (import "greenroom:actor/log@0.1.0" "write" (func $log (param i32 i32 i32)))
  (import "greenroom:actor/messaging@0.1.0" "own-address" (func $own (param i32)))
  (import "greenroom:actor/messaging@0.1.0" "reply" (func $reply (param i64 i32 i32 i32 i32 i32 i32)))
  (import "greenroom:actor/topics@0.1.0" "publish" (func $publish (param i32 i32 i32 i32 i32 i32 i32)))
  (import "greenroom:actor/timers@0.1.0" "send-every" (func $send_every (param i64 i64 i64 i32 i32 i32 i32 i32)))

  ;; 0: what this gives back (16 bytes). 32: what imports give back. 64: the list of versions. 128: a number's digits and the
  ;; state. 256: texts. 2048: the topic. 4096: what the host hands over, and texts of a turn.
  (memory (export "memory") 1)
  (data (i32.const 64) "\48\00\00\00\01\00\00\00\01\00\00\00")
  (data (i32.const 256) "add") ;; add, 3
  (data (i32.const 259) "how-many") ;; how, 8
  (data (i32.const 267) "tick") ;; tick, 4
  (data (i32.const 271) "fail") ;; fail, 4
  (data (i32.const 275) "crash") ;; crash, 5
  (data (i32.const 280) "count") ;; count, 5
  (data (i32.const 285) "answer") ;; answer, 6
  (data (i32.const 291) "\"topic\":\"") ;; topic_key, 9
  (data (i32.const 300) "\"every-ms\":") ;; every_key, 11
  (data (i32.const 311) "counter/count") ;; default, 13
  (data (i32.const 324) "as you wished") ;; wish, 13
  (data (i32.const 337) "panicked: as you wished") ;; panicked, 23
  (data (i32.const 360) "that is too much to count") ;; much, 25
  (data (i32.const 385) "`add {how-many}`: expected an object with the field `how-many`, a whole number of at least 0") ;; misfit, 92
  (data (i32.const 477) "`") ;; tick_mark, 1
  (data (i32.const 478) "` is not understood: expected add {how-many} or how-many or tick or fail or crash") ;; unknown, 81
  (data (i32.const 559) "` was handled, and has no answer") ;; handled, 32
  (data (i32.const 591) "configuration: field `every-ms`: expected a whole number of at least 1") ;; config, 70
  (data (i32.const 661) "configuration: field `topic`: expected a string of at most 128 bytes") ;; long, 68
  (data (i32.const 729) "the saved state does not fit: expected an object with the field `count`, a whole number") ;; state, 87
  (data (i32.const 816) "{\"count\":") ;; open, 9
  (data (i32.const 825) "nothing was published: the manifest has to grant it") ;; unpublished, 51

  (global $count (mut i64) (i64.const 0))
  (global $every (mut i64) (i64.const 1000))
  (global $topic (mut i32) (i32.const 0))
  (global $heap (mut i32) (i32.const 4096))
  ;; Whether the last $number was one.
  (global $is (mut i32) (i32.const 0))

  ;; Memory for what the host hands over; given back, all of it, when the host has read a result.
  (func $take (export "cabi_realloc") (param $old i32) (param $was i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $heap) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if
          (i32.eq
            (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))
            (i32.const -1))
          (then (unreachable)))))
    (local.get $at))
  (func $forget (param i32) (global.set $heap (i32.const 4096)))
  (export "cabi_post_greenroom:actor/behavior@0.1.0#init" (func $forget))
  (export "cabi_post_greenroom:actor/behavior@0.1.0#handle" (func $forget))
  (export "cabi_post_greenroom:actor/state@0.1.0#save" (func $forget))
  (export "cabi_post_greenroom:actor/state@0.1.0#restore" (func $forget))

  ;; Text

  (func $same (param $a i32) (param $a_length i32) (param $b i32) (param $b_length i32) (result i32)
    (local $i i32)
    (if (i32.ne (local.get $a_length) (local.get $b_length)) (then (return (i32.const 0))))
    (loop $next
      (if (i32.eq (local.get $i) (local.get $a_length)) (then (return (i32.const 1))))
      (if
        (i32.ne
          (i32.load8_u (i32.add (local.get $a) (local.get $i)))
          (i32.load8_u (i32.add (local.get $b) (local.get $i))))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; Where a text goes on after another one that is in it; 0 when it is not.
  (func $after (param $at i32) (param $length i32) (param $what i32) (param $what_length i32) (result i32)
    (local $last i32)
    (local.set $last (i32.sub (i32.add (local.get $at) (local.get $length)) (local.get $what_length)))
    (loop $next
      (if (i32.gt_s (local.get $at) (local.get $last)) (then (return (i32.const 0))))
      (if (call $same (local.get $at) (local.get $what_length) (local.get $what) (local.get $what_length))
        (then (return (i32.add (local.get $at) (local.get $what_length)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; Past white space.
  (func $skip (param $at i32) (param $end i32) (result i32)
    (loop $next
      (if
        (i32.and
          (i32.lt_u (local.get $at) (local.get $end))
          (i32.and
            (i32.le_u (i32.load8_u (local.get $at)) (i32.const 32))
            (i32.ge_u (i32.load8_u (local.get $at)) (i32.const 9))))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $at))

  ;; Past a character and the white space around it; 0 when it is another, or when there was a 0 before.
  (func $past (param $at i32) (param $end i32) (param $char i32) (result i32)
    (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
    (local.set $at (call $skip (local.get $at) (local.get $end)))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u (local.get $at)) (local.get $char)) (then (return (i32.const 0))))
    (call $skip (i32.add (local.get $at) (i32.const 1)) (local.get $end)))

  ;; A whole number's digits, and where they end. $is says whether there were such.
  (func $number (param $at i32) (param $end i32) (result i64 i32)
    (local $value i64) (local $digit i64)
    (global.set $is (i32.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $digit (i64.sub (i64.load8_u (local.get $at)) (i64.const 48)))
        (br_if $done (i64.gt_u (local.get $digit) (i64.const 9)))
        ;; More than 64 bits hold, or a zero before other digits.
        (if
          (i32.or
            (i64.gt_u (local.get $value) (i64.div_u (i64.sub (i64.const -1) (local.get $digit)) (i64.const 10)))
            (i32.and (global.get $is) (i64.eqz (local.get $value))))
          (then
            (global.set $is (i32.const 0))
            (br $done)))
        (local.set $value (i64.add (i64.mul (local.get $value) (i64.const 10)) (local.get $digit)))
        (global.set $is (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $value)
    (local.get $at))

  ;; {"NAME": N}. $is says whether it was that.
  (func $field (param $at i32) (param $length i32) (param $name i32) (param $name_length i32) (result i64)
    (local $end i32) (local $value i64)
    (global.set $is (i32.const 0))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (local.set $at (call $past (local.get $at) (local.get $end) (i32.const 123)))
    (local.set $at (call $past (local.get $at) (local.get $end) (i32.const 34)))
    (if (i32.eqz (local.get $at)) (then (return (i64.const 0))))
    (if (i32.gt_u (i32.add (local.get $at) (local.get $name_length)) (local.get $end)) (then (return (i64.const 0))))
    (if (i32.eqz (call $same (local.get $at) (local.get $name_length) (local.get $name) (local.get $name_length)))
      (then (return (i64.const 0))))
    (local.set $at (i32.add (local.get $at) (local.get $name_length)))
    (local.set $at (call $past (local.get $at) (local.get $end) (i32.const 34)))
    (local.set $at (call $past (local.get $at) (local.get $end) (i32.const 58)))
    (if (i32.eqz (local.get $at)) (then (return (i64.const 0))))
    (call $number (local.get $at) (local.get $end))
    (local.set $at)
    (local.set $value)
    (if (global.get $is)
      (then
        (local.set $at (call $past (local.get $at) (local.get $end) (i32.const 125)))
        (global.set $is (i32.eq (local.get $at) (local.get $end)))))
    (local.get $value))

  ;; Writes the count's digits; gives back where they begin and how many there are.
  (func $digits (result i32 i32)
    (local $at i32) (local $left i64)
    (local.set $at (i32.const 160))
    (local.set $left (global.get $count))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i64.store8 (local.get $at) (i64.add (i64.rem_u (local.get $left) (i64.const 10)) (i64.const 48)))
      (local.set $left (i64.div_u (local.get $left) (i64.const 10)))
      (br_if $next (i64.ne (local.get $left) (i64.const 0))))
    (local.get $at)
    (i32.sub (i32.const 160) (local.get $at)))

  ;; {"count":N}, at 192.
  (func $state (result i32 i32)
    (local $at i32) (local $length i32)
    (call $digits)
    (local.set $length)
    (local.set $at)
    (memory.copy (i32.const 192) (i32.const 816) (i32.const 9))
    (memory.copy (i32.const 201) (local.get $at) (local.get $length))
    (i32.store8 (i32.add (i32.const 201) (local.get $length)) (i32.const 125))
    (i32.const 192)
    (i32.add (local.get $length) (i32.const 10)))

  ;; "`", the kind, and a sentence.
  (func $about (param $kind i32) (param $length i32) (param $text i32) (param $text_length i32) (result i32 i32)
    (local $at i32) (local $all i32)
    (local.set $all (i32.add (i32.add (local.get $length) (local.get $text_length)) (i32.const 1)))
    (local.set $at (call $take (i32.const 0) (i32.const 0) (i32.const 1) (local.get $all)))
    (memory.copy (local.get $at) (i32.const 477) (i32.const 1))
    (memory.copy (i32.add (local.get $at) (i32.const 1)) (local.get $kind) (local.get $length))
    (memory.copy
      (i32.add (i32.add (local.get $at) (i32.const 1)) (local.get $length))
      (local.get $text)
      (local.get $text_length))
    (local.get $at)
    (local.get $all))

  ;; What this gives back: result<…, string>, where a good one has a number and perhaps a text.

  (func $good (param $first i32) (param $second i32) (param $third i32) (result i32)
    (i32.store (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (local.get $first))
    (i32.store (i32.const 8) (local.get $second))
    (i32.store (i32.const 12) (local.get $third))
    (i32.const 0))
  (func $same_as_before (result i32) (call $good (i32.const 0) (i32.const 0) (i32.const 0)))
  (func $unhandled (param $text i32) (param $length i32) (result i32)
    (call $good (i32.const 3) (local.get $text) (local.get $length)))
  (func $failed (param $text i32) (param $length i32) (result i32)
    (i32.store (i32.const 0) (i32.const 1))
    (i32.store (i32.const 4) (local.get $text))
    (i32.store (i32.const 8) (local.get $length))
    (i32.const 0))

  ;; The actor

  ;; 1 when the configuration is good, and 0 when a failure has been given.
  (func $configure (param $at i32) (param $length i32) (result i32)
    (local $from i32) (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (memory.copy (i32.const 2048) (i32.const 311) (i32.const 13))
    (global.set $topic (i32.const 13))
    (local.set $from (call $after (local.get $at) (local.get $length) (i32.const 300) (i32.const 11)))
    (if (local.get $from)
      (then
        (call $number (local.get $from) (local.get $end))
        (drop)
        (global.set $every)
        (if (i32.or (i32.eqz (global.get $is)) (i64.gt_u (global.get $every) (i64.const 31622400000)))
          (then
            (drop (call $failed (i32.const 591) (i32.const 70)))
            (return (i32.const 0))))))
    (local.set $from (call $after (local.get $at) (local.get $length) (i32.const 291) (i32.const 9)))
    (if (local.get $from)
      (then
        (global.set $topic (i32.const 0))
        (loop $next
          (if (i32.ne (i32.load8_u (i32.add (local.get $from) (global.get $topic))) (i32.const 34))
            (then
              (global.set $topic (i32.add (global.get $topic) (i32.const 1)))
              (br $next))))
        (if (i32.gt_u (global.get $topic) (i32.const 128))
          (then
            (drop (call $failed (i32.const 661) (i32.const 68)))
            (return (i32.const 0))))
        (memory.copy (i32.const 2048) (local.get $from) (global.get $topic))))
    (i32.const 1))

  (func $start (result i32)
    (call $own (i32.const 32))
    (call $send_every
      (i64.mul (global.get $every) (i64.const 1000000))
      (i64.load (i32.const 32)) (i64.load (i32.const 40))
      (i32.const 267) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then (return (call $failed (i32.const 591) (i32.const 70)))))
    (call $same_as_before))

  (func $tell (result i32)
    (call $publish (i32.const 2048) (global.get $topic) (i32.const 280) (i32.const 5) (call $state) (i32.const 32))
    (if (i32.load8_u (i32.const 32)) (then (return (call $failed (i32.const 825) (i32.const 51)))))
    (call $same_as_before))

  (func $add (param $body i32) (param $length i32) (result i32)
    (local $how_many i64)
    (local.set $how_many (call $field (local.get $body) (local.get $length) (i32.const 259) (i32.const 8)))
    (if (i32.eqz (global.get $is)) (then (return (call $unhandled (i32.const 385) (i32.const 92)))))
    ;; 2^53 - 1
    (if (i64.gt_u (local.get $how_many) (i64.sub (i64.const 9007199254740991) (global.get $count)))
      (then (return (call $failed (i32.const 360) (i32.const 25)))))
    (global.set $count (i64.add (global.get $count) (local.get $how_many)))
    (call $tell))

  (func (export "greenroom:actor/behavior@0.1.0#init") (param $config i32) (param $length i32) (result i32)
    (if (i32.eqz (call $configure (local.get $config) (local.get $length))) (then (return (i32.const 0))))
    (call $start))

  (func (export "greenroom:actor/behavior@0.1.0#handle")
    (param $has_sender i32) (param $node i64) (param $key i64) (param $asked i32) (param $request i64)
    (param $has_topic i32) (param $topic_at i32) (param $topic_length i32)
    (param $kind i32) (param $kind_length i32) (param $body i32) (param $body_length i32) (result i32)
    (local $result i32)
    (block $done
      (if (call $same (local.get $kind) (local.get $kind_length) (i32.const 256) (i32.const 3))
        (then
          (local.set $result (call $add (local.get $body) (local.get $body_length)))
          (br $done)))
      (if (call $same (local.get $kind) (local.get $kind_length) (i32.const 259) (i32.const 8))
        (then
          ;; Who asked may be gone.
          (if (local.get $asked)
            (then (call $reply (local.get $request) (i32.const 0) (i32.const 285) (i32.const 6) (call $digits) (i32.const 32))))
          (return (call $same_as_before))))
      (if (call $same (local.get $kind) (local.get $kind_length) (i32.const 267) (i32.const 4))
        (then
          (local.set $result (call $tell))
          (br $done)))
      (if (call $same (local.get $kind) (local.get $kind_length) (i32.const 271) (i32.const 4)) (then (return (call $failed (i32.const 324) (i32.const 13)))))
      (if (call $same (local.get $kind) (local.get $kind_length) (i32.const 275) (i32.const 5)) (then (call $crash)))
      (return (call $unhandled (call $about (local.get $kind) (local.get $kind_length) (i32.const 478) (i32.const 81)))))
    ;; Nobody is left waiting for an answer that never comes.
    (if (i32.and (local.get $asked) (i64.eqz (i64.load (i32.const 0))))
      (then
        (call $reply
          (local.get $request) (i32.const 1)
          (call $about (local.get $kind) (local.get $kind_length) (i32.const 559) (i32.const 32))
          (i32.const 0) (i32.const 0) (i32.const 32))))
    (local.get $result))

  (func $crash
    (call $log (i32.const 4) (i32.const 337) (i32.const 23))
    (unreachable))

  (func (export "greenroom:actor/state@0.1.0#version") (result i32) (i32.const 1))

  ;; The one version that there is.
  (func (export "greenroom:actor/state@0.1.0#accepts") (result i32) (i32.const 64))

  (func (export "greenroom:actor/state@0.1.0#save") (result i32)
    (call $good (call $state) (i32.const 0)))

  (func (export "greenroom:actor/state@0.1.0#restore")
    (param $occasion i32) (param $config i32) (param $length i32)
    (param $version i32) (param $state i32) (param $state_length i32) (result i32)
    (if (i32.eqz (call $configure (local.get $config) (local.get $length))) (then (return (i32.const 0))))
    (global.set $count (call $field (local.get $state) (local.get $state_length) (i32.const 280) (i32.const 5)))
    (if (i32.eqz (global.get $is)) (then (return (call $failed (i32.const 729) (i32.const 87)))))
    ;; Timers carry over to new code (0) and to an actor that wakes (2), but not into a new incarnation.
    (if (i32.eq (local.get $occasion) (i32.const 1)) (then (return (call $start))))
    (call $same_as_before)))
