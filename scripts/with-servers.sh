#!/usr/bin/env bash
# Runs a command beside a MariaDB and a Redis of its own:
#
#   scripts/with-servers.sh go test ./store/...
#
# Both listen on free loopback ports, keep their data in a temporary folder, and are ended
# with the command, whose exit status is this script's. The command finds them in
# DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL. With DURABLE=1 MariaDB writes every
# commit through to the disk, as one in earnest does.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: scripts/with-servers.sh COMMAND [ARGUMENT...]" >&2
  exit 2
fi

# Debian keeps servers where only root's PATH looks.
PATH=$PATH:/usr/sbin:/sbin

needed=(mariadbd mariadb-install-db mariadb-admin redis-server redis-cli)

# missing prints the tools that are not there, each behind a space.
missing() {
  local tool
  for tool in "${needed[@]}"; do
    command -v "$tool" >/dev/null || printf ' %s' "$tool"
  done
}

install_servers() {
  local tools
  tools=$(missing)
  [ -n "$tools" ] || return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "with-servers: installing mariadb-server and redis-server" >&2
    export DEBIAN_FRONTEND=noninteractive
    {
      apt-get -q update &&
        apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
          install mariadb-server redis-server
    } </dev/null >"$dir/apt.log" 2>&1 || tail -n 30 "$dir/apt.log" >&2
    tools=$(missing)
    [ -n "$tools" ] || return 0
  fi
  echo "with-servers: not found:$tools" >&2
  echo "with-servers: install the packages mariadb-server and redis-server (their names on Debian)" >&2
  exit 1
}

dir=
mariadb_pid=
redis_pid=

# end ends a process that this script started, by force after ten seconds.
end() {
  local pid=$1 tries=0
  [ -n "$pid" ] || return 0
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
  wait "$pid" 2>/dev/null || true
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
  end "$redis_pid"
  end "$mariadb_pid"
  [ -z "$dir" ] || rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# free_port prints a loopback port that nobody listens on. Another program may take it
# before the server does, so starting is tried several times.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000)) # below the ports that outgoing connections take
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

# answers waits until a server answers a command; it fails when the server has ended or
# takes longer than a minute.
answers() {
  local pid=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || return 1
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || return 1
    sleep 0.1
  done
  kill -0 "$pid" 2>/dev/null
}

start_mariadb() {
  local as_root=() try port
  [ "$(id -u)" -ne 0 ] || as_root=(--user=root)
  mkdir "$dir/mariadb"
  if ! mariadb-install-db --no-defaults --datadir="$dir/mariadb" --skip-test-db --force \
    --auth-root-authentication-method=normal "${as_root[@]}" >"$dir/mariadb-install.log" 2>&1; then
    cat "$dir/mariadb-install.log" >&2
    return 1
  fi
  # Tests need its behaviour, not its durability.
  local durability=(--skip-log-bin --innodb-flush-log-at-trx-commit=2 --innodb-doublewrite=OFF)
  [ "${DURABLE:-}" != 1 ] || durability=(--skip-log-bin --innodb-flush-log-at-trx-commit=1)
  for try in 1 2 3 4 5; do
    port=$(free_port)
    mariadbd --no-defaults --datadir="$dir/mariadb" --socket="$dir/mariadb.sock" \
      --pid-file="$dir/mariadb.pid" --port="$port" --bind-address=127.0.0.1 --skip-name-resolve \
      --max-connections=500 --performance-schema=OFF \
      --innodb-buffer-pool-size=128M "${durability[@]}" "${as_root[@]}" </dev/null >"$dir/mariadb.log" 2>&1 &
    mariadb_pid=$!
    if answers "$mariadb_pid" mariadb-admin --no-defaults --socket="$dir/mariadb.sock" --user=root ping; then
      export DESKMATE_TEST_MYSQL_URL="mysql://root@127.0.0.1:$port/"
      return 0
    fi
    echo "with-servers: MariaDB did not start on port $port (try $try)" >&2
    tail -n 20 "$dir/mariadb.log" >&2
    end "$mariadb_pid"
    mariadb_pid=
  done
  return 1
}

start_redis() {
  local try port
  mkdir "$dir/redis"
  for try in 1 2 3 4 5; do
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --dir "$dir/redis" --save '' --appendonly no \
      --daemonize no </dev/null >"$dir/redis.log" 2>&1 &
    redis_pid=$!
    if answers "$redis_pid" redis-cli -h 127.0.0.1 -p "$port" -e ping; then
      export DESKMATE_TEST_REDIS_URL="redis://127.0.0.1:$port/0"
      return 0
    fi
    echo "with-servers: Redis did not start on port $port (try $try)" >&2
    tail -n 20 "$dir/redis.log" >&2
    end "$redis_pid"
    redis_pid=
  done
  return 1
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/deskmate-servers.XXXXXX")
install_servers
start_redis
start_mariadb

status=0
"$@" || status=$?
exit "$status"
