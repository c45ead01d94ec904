# How checks are made and counted, and how the host is run.

passed=0
failed=0

# ok WHAT; no WHAT WHY
ok() {
  passed=$((passed + 1))
  echo "ok      $1"
}
no() {
  failed=$((failed + 1))
  echo "FAILED  $1: $2"
  # What the host said last is most of the answer.
  cat /tmp/host.log /tmp/host.err 2>/dev/null | tail -n 3 | cut -c 1-300 | sed 's/^/        /'
}

# is WHAT GOT WANTED
is() {
  if [ "$2" = "$3" ]; then ok "$1"; else no "$1" "it is '$2', not '$3'"; fi
}

# says WHAT TEXT PART: the text has this part.
says() {
  case $2 in *"$3"*) ok "$1" ;; *) no "$1" "'$3' is not in '$2'" ;; esac
}

# figure WHAT, with numbers on stdin: shown, never judged.
figure() {
  sort -n | awk -v what="$1" '{ all[NR] = $1 } END {
    if (NR == 1) printf "figure  %s: %.3f\n", what, all[1]
    else if (NR) printf "figure  %s: min %.3f, median %.3f, max %.3f (%d)\n", what, all[1], all[int((NR + 1) / 2)], all[NR], NR
  }'
}

# await SECONDS COMMAND...: until it succeeds, or the time is up.
await() {
  local until=$(($(seconds) + $1))
  shift
  until "$@"; do
    [ "$(seconds)" -le "$until" ] || return 1
    usleep 50000
  done
}
seconds() {
  cut -d. -f1 /proc/uptime
}

# becomes WHAT WANTED COMMAND...: it prints that within 15 s.
becomes() {
  local what=$1 wanted=$2
  shift 2
  await 15 prints "$wanted" "$@"
  is "$what" "$("$@")" "$wanted"
}
prints() {
  local wanted=$1
  shift
  [ "$("$@")" = "$wanted" ]
}

# ---- the host ----

# start [MANIFEST]: in the background, until it says that it runs.
start() {
  : >/tmp/host.log
  : >/tmp/host.err
  mark start
  greenroom --format json run "${1:-/drill/greenroom.toml}" >/tmp/host.log 2>/tmp/host.err &
  host=$!
  await 60 grep -q '^{"started"' /tmp/host.log || no "the host starts" "it does not"
}

# stop SIGNAL: ends it. Its exit code is in `code`.
stop() {
  kill "-$1" "$host"
  wait "$host" 2>/dev/null
  code=$?
}

# answers WHAT: the host does.
answers() {
  if wget -qO- http://127.0.0.1:8080/healthz >/dev/null 2>&1; then ok "$1"; else no "$1" "it does not answer"; fi
}

# on: the stoker switches the heater on, as soon as it can.
on() {
  await 15 greenroom ask stoker on >/dev/null 2>&1 || no "the stoker switches the heater on" "it does not"
  [ "$(level 17)" = 1 ] || no "the heater is on" "it is not"
}

# events KIND [DEVICE-OR-ACTOR]: those since the start, one a line.
events() {
  grep "\"kind\":\"$1\"" /tmp/host.log | grep -E "\"(device|actor)\":\"${2:-[^\"]*}\""
}
count() {
  events "$@" | wc -l
}
# happens WHAT NUMBER KIND WHO: so many such events, within 15 s.
happens() {
  local what=$1 number=$2
  shift 2
  if await 15 reaches "$number" "$@"; then ok "$what"; else no "$what" "no such event: $*"; fi
}
reaches() {
  local number=$1
  shift
  [ "$(count "$@")" -ge "$number" ]
}

# field NAME, of an event on stdin.
field() {
  sed -n "s/.*\"$1\":\(\"\([^\"]*\)\"\|\([^,}]*\)\).*/\2\3/p" | tail -n 1
}

# device NAME: what the host shows of it, as JSON. value NAME; missing NAME.
device() {
  wget -qO- http://127.0.0.1:8080/api/devices | sed 's/{"name"/\n&/g' | grep "^{\"name\":\"$1\""
}
value() {
  device "$1" | field value
}
missing() {
  device "$1" | field missing
}
# known NAME: it is not missing now, and this is its value.
known() {
  local shown=$(device "$1")
  case $shown in *'"missing":null'*) echo "$shown" | field value ;; *) echo missing ;; esac
}
