# Sourced: fetches programs of Debian that serve time, and starts chronyd as an NTS server that leaves the clock alone.
# Packages are unpacked below a build folder, never installed: that would replace the machine's own time service.
# shellcheck shell=bash

# Unpacks a package once; prints its folder.
time_package() { # BUILD PACKAGE
    local folder=$1/time-servers/$2 work
    if [ ! -d "$folder" ]; then
        mkdir -p "$1/time-servers"
        work=$(mktemp -d "$1/time-servers/work-XXXXXX") || return 1
        (cd "$work" && apt-get download "$2" >/dev/null 2>&1 && dpkg-deb -x "$2"_*.deb unpacked) || { rm -rf "$work"; return 1; }
        mv -T "$work/unpacked" "$folder" 2>/dev/null # or another was faster
        rm -rf "$work"
    fi
    [ -d "$folder" ] && echo "$folder"
}

# The path of a server's program that can run here.
time_program() { # BUILD PACKAGE NAME
    local folder
    folder=$(time_package "$1" "$2") || return 1
    ! ldd "$folder/usr/sbin/$3" | grep -q 'not found' && echo "$folder/usr/sbin/$3"
}

# A CA for time servers: FOLDER/ca.pem and its key.
chrony_ca() { # FOLDER
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/ca.key" -out "$1/ca.pem" -days 365 \
        -subj "/CN=time test CA" -addext "basicConstraints=critical,CA:TRUE" 2>/dev/null
}

# What chronyd reads; its folder has key.pem and cert.pem, and is its own alone.
chrony_conf() { # FOLDER ADDRESS NTP_PORT KE_PORT
    cat >"$1/server.conf" <<EOF
local stratum 1
port $3
ntsport $4
ntsserverkey $1/key.pem
ntsservercert $1/cert.pem
ntsdumpdir $1
ntsprocesses 0
allow 127.0.0.0/8
bindaddress $2
cmdport 0
bindcmdaddress /
pidfile $1/chronyd.pid
EOF
}

# The command line: IPv4, not the clock (-x), in the foreground, as whoever runs it; it ends with its starter.
chrony_command() { # CHRONYD FOLDER
    chrony=(setpriv --pdeathsig TERM "$1" -4 -x -d -U -u "$(id -un)" -f "$2/server.conf")
}
