# Lines that cannot be had: one sentence each, with what to do.

# attempt LINE: starts a second host that wants this line. What it says is in `said`, how it ends in `code`.
attempt() {
  cat >/tmp/attempt.toml <<MANIFEST
[host]
name   = "attempt"
listen = "127.0.0.1:8081"

[device.relay]
kind = "gpio-output"
safe = "off"
line = "$1"

[device.lamp]
kind = "gpio-output"
safe = "on"
line = "GPIO25"
MANIFEST
  said=$(timeout 60 greenroom run /tmp/attempt.toml 2>&1 >/dev/null)
  code=$?
}

# refused WHAT LINE WHY
refused() {
  attempt "$2"
  is "$1: exit code 1" "$code" 1
  is "$1: one sentence" "$(echo "$said" | sed 's/^error: //')" "output \`relay\`: $3"
}

on
mark refusals
refused "the kernel's own" GPIO3 'GPIO3 (gpiochip1:3) is in use by `i2c`: end that, or take another line'
refused "another host's" GPIO17 'GPIO17 (gpiochip1:17) is in use by `greenroom heater`: end that, or take another line'
refused "no such chip" no-such-chip:3 \
  'of the machine'"'"'s GPIO chips none is called `no-such-chip`; there are gpiochip0 (gpio-expander), gpiochip1 (pinctrl-bcm2711)'
refused "no such line" pinctrl-bcm2711:54 'gpiochip1 (pinctrl-bcm2711) has lines 0 to 53, not 54'
is "each time the other output went to its safe level" "$(driven 25)" 1
is "and the first host was not disturbed" "$(level 17) $(driven 17)" "1 "

said=$(su nobody -s /bin/sh -c 'greenroom run /tmp/attempt.toml' 2>&1 >/dev/null)
says "without the right to open the chips" "$said" "no permission to open /dev/gpiochip0, which belongs to root alone"

says "an input that is in use is missing" "$(missing taken)" 'GPIO3 (gpiochip1:3) is in use by `i2c`'
says "an input without a chip is missing" "$(missing nowhere)" 'none is called `no-such-chip`'
is "and each was told once" "$(count device-missing taken) $(count device-missing nowhere)" "1 1"
