#!/usr/bin/env bash
# What copying costs a program under `irclog run`, beside `cat`, as a table in
# Markdown: how fast a program gets rid of its output, with a channel on an
# ngircd of its own; and how much of it one core makes records of.
#
#   bash tests/throughput.sh [rounds, 5 by default] [megabytes, 256 by default]
#
# Both write to the same sink through one pipe from the program: a file, and a
# pipe that `cat` reads. The program is `cat` of a file that is in memory. Told
# are medians, of rounds in which each has its turn.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5} megabytes=${2:-256}

cargo build --quiet --release -p irclog --features cli --bin irclog
irclog=$PWD/${CARGO_TARGET_DIR:-target}/release/irclog
folder=$(mktemp -d)
cd "$folder"
trap 'kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >ngircd.conf <<END
[Global]
Name = irc.example.net
Info = throughput
AdminEMail = admin@example.net
Listen = 127.0.0.1
Ports = $port
[Options]
PAM = no
Ident = no
DNS = no
END
ngircd --nodaemon --config ngircd.conf >ngircd.out 2>&1 &
server=$!
export IRC_SERVER=127.0.0.1 IRC_PORT=$port IRC_TLS=false IRC_CHANNEL='#logs' IRC_NICK=measured
export IRC_EXIT_TIMEOUT=0 IRC_STATE_DIR=/dev/null/none

python3 - "$megabytes" <<'END'
import itertools, json, random, sys

random.seed(7)
most = int(sys.argv[1]) * 10**6


def plain(n):
    level = "INFO" if n % 50 else "WARNING"
    return (f"2026-01-31 23:59:{n % 60:02d},{n % 1000:03d} - shop.settle - {level} - settled "
            f"{random.getrandbits(64):016x} of {n % 977} USDC on base in {n % 313} ms\n")


def as_json(n):
    return json.dumps({
        "level": ["info", "warn", "info", "debug"][n % 4], "time": f"2026-01-31T23:59:{n % 60:02d}Z",
        "logger": "shop.settle", "msg": f"settled {random.getrandbits(64):016x}", "network": "base",
        "payer": f"0x{random.getrandbits(160):040x}", "ms": n % 313, "status": 200}) + "\n"


def traceback(n):
    frame = ('  File "/usr/local/lib/python3.11/site-packages/httpx/_client.py", line 1574, in send\n'
             "    response = self._send_handling_auth(\n               ^^^^^^^^^^^^^^^^^^^^^^^^^\n")
    return (f"2026-01-31 23:59:59,123 ERROR shop.settle: settling {random.getrandbits(64):016x} failed\n"
            "Traceback (most recent call last):\n"
            '  File "/srv/shop/settle.py", line 88, in settle\n    receipt = client.send(tx)\n'
            + 3 * frame + f"httpx.ConnectTimeout: timed out after {n % 7000} ms\n")


for name, line in [("plain", plain), ("json", as_json), ("tracebacks", traceback)]:
    with open(name, "w") as file:
        size = 0
        for n in itertools.count():
            size += file.write(line(n))
            if size >= most:
                break
END

# How long the program takes to write all: MB/s go to the file named first.
cat >program <<'END'
began=$(date +%s%N)
cat "$2"
took=$(($(date +%s%N) - began))
echo $(($(stat -c %s "$2") * 1000 / took)) >>"$1"
END
# At 20 MB/s nothing is left out; then the seconds that the thread took which
# reads lines, for 60 MB.
cat >paced <<'END'
for part in $(seq 0 59); do
  dd if="$2" bs=1M count=1 skip="$part" status=none
  sleep 0.05
done
sleep 1
for thread in /proc/$PPID/task/*; do
  read -r name <"$thread/comm"
  [ "$name" = lines ] && cut -d' ' -f14,15 "$thread/stat" | {
    read -r user system
    ticks=$((user + system))
    [ "$ticks" -gt 0 ] && echo $((60 * 1048576 * $(getconf CLK_TCK) / ticks / 1000000)) >>"$1"
  }
done
true
END

median() { sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
run() { "$irclog" run -- "$@" 2>>told; }

echo "| lines | to a file: \`cat\`, \`run\` | ratio | to a pipe: \`cat\`, \`run\` | ratio | read as lines by one core |"
echo "|---|---|---|---|---|---|"
for kind in plain json tracebacks; do
  for _ in $(seq "$rounds"); do
    bash program cat-file "$kind" | cat >sink
    run bash program run-file "$kind" >sink
    cmp -s sink "$kind" || { echo "$kind was changed" >&2; exit 1; }
    bash program cat-pipe "$kind" | cat | cat >/dev/null
    run bash program run-pipe "$kind" | cat >/dev/null
  done
  run bash paced read "$kind" >/dev/null
  awk -v kind="$kind" -v cf="$(median cat-file)" -v rf="$(median run-file)" \
    -v cp="$(median cat-pipe)" -v rp="$(median run-pipe)" -v read="$(median read)" \
    'BEGIN { printf "| %s | %d, %d MB/s | %.2f | %d, %d MB/s | %.2f | %d MB/s |\n",
             kind, cf, rf, rf / cf, cp, rp, rp / cp, read }'
  rm -f cat-file run-file cat-pipe run-pipe read
done

# Four times the megabytes through one program.
memory=$(run bash -c 'for _ in 1 2 3 4; do cat plain; done; grep VmHWM /proc/$PPID/status >memory' >/dev/null; cat memory)
echo
echo "Peak memory after $((4 * megabytes)) MB of plain lines: $(echo "$memory" | awk '{ printf "%d MB", $2 / 1024 }')."
