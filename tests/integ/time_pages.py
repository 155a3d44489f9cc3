"""A core that keeps its own time, a front, and who looks at both. Argument: a folder. The script plays the time client."""
import http.client
import http.server
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from front import BIN, Front  # noqa: E402
from timed_core import true_tai  # noqa: E402

T = sys.argv[1]
SECOND = 10 ** 9
NAMES = [b'<&">\'.example', b'ntp.example']
OFF_NS = 25 * 10 ** 6


class AdminConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(f"{T}/admin.sock")


def get(path):
    c = AdminConnection("localhost")
    c.request("GET", path)
    r = c.getresponse()
    body = r.read()
    c.close()
    return r.status, r.getheader("Content-Type"), body


def start_core():
    core = subprocess.Popen([f"{BIN}/quorate-core", "--listen", f"unix:{T}/core.sock", "--time-listen", f"unix:{T}/time.sock",
                             "--leap-table", "1483228800:37@4102444800", "--clock", "nts", "--policy", "1,classic,1.2.3,3,100,1000",
                             "--allow-unlocked"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    for line in core.stderr:
        if line.startswith(b"ready "):
            break
    os.set_blocking(core.stderr.fileno(), False)
    return core


def send_sample(seq):
    row = b"".join(bytes([len(n)]) + n + struct.pack("<BqqqIB4s", 2, -1000, 5000, 6000, 900, 255, b"") for n in NAMES)
    counter = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    tai = true_tai(counter, 37) + OFF_NS
    body = struct.pack("<QqqqqBBBBBB", seq, counter, counter, tai - 10 ** 6, tai + 10 ** 6, 2, 2, 2, 0, 0, 2) + row
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(f"{T}/time.sock")
        s.sendall(struct.pack("<BBBBIQ", 0x51, 1, 0x40, 0, len(body), 7) + body)
        assert s.recv(16)[2] == 0xC0, "the sample was refused"


def node():
    return json.loads(get("/time.json")[2])["nodes"][0]


def wait_for(front, what, why):
    assert front.wait_for(what) is not None, why


def run(*args):
    done = subprocess.run([f"{BIN}/quorate", *args], capture_output=True, timeout=60, text=True)
    return done.returncode, done.stdout, done.stderr


class Liar(http.server.BaseHTTPRequestHandler):
    """Says in a status what would steer a terminal."""

    def do_GET(self):
        words = json.dumps({"ready": False, "reason": "\x1b[2J\x9b2J\x7f\u202e", "nodes": []}, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_):
        pass


def in_terminal(args, term, key, until):
    """Runs quorate on a terminal and presses a key once it has shown that. Its exit code, what it showed, and whether the
    terminal is as before."""
    main, other = pty.openpty()
    before = termios.tcgetattr(other)
    p = subprocess.Popen([f"{BIN}/quorate", *args], stdin=other, stdout=other, stderr=other, env={**os.environ, "TERM": term},
                         start_new_session=True, preexec_fn=lambda: os.close(main))
    shown = b""
    end = time.monotonic() + 30
    while time.monotonic() < end and p.poll() is None:
        if select.select([main], [], [], 0.1)[0]:
            shown += os.read(main, 65536)
        if key is not None and until in shown:
            if key == b"\x03":
                p.send_signal(signal.SIGINT)
            else:
                os.write(main, key)
            key = None
    code = p.wait(10)
    while select.select([main], [], [], 0)[0]:
        shown += os.read(main, 65536)
    same = termios.tcgetattr(other) == before
    os.close(main)
    os.close(other)
    return code, shown.decode(), same


core = start_core()
front = Front(T, f"admin = unix:{T}/admin.sock")
try:
    print("case: there is no sample yet")
    wait_for(front, lambda: node()["known"] or None, "the core was not asked")
    assert node()["reason"] == "no_sample" and node()["state"] == "time_sync", node()
    wait_for(front, lambda: "no sample" in json.loads(get("/readyz")[2])["reason"] or None, "readyz: the reason")
    ready = json.loads(get("/readyz")[2])
    assert ready["time_reason"] == "no_sample" and ready["reason"].startswith("time: "), ready
    code, out, _ = run("status", "--admin", f"unix:{T}/admin.sock")
    assert code == 0 and 'ready=no reason="time: no sample' in out and ' degraded=""' in out and "node=1 known=yes state=time_sync reason=no_sample" in out, out
    health = json.loads(get("/health")[2])
    assert (health["nts_sources_reachable"], health["trihard_status"]) == (0, None), health

    print("case: a sample")
    send_sample(1)
    wait_for(front, lambda: node()["reason"] == "holds" or None, "the sample is not seen")
    # The front compares clocks at each of its questions, and one that took long says little.
    wait_for(front, lambda: abs(node()["offset_ns"] - OFF_NS) < 20 * 10 ** 6 or None, "another offset")
    n = node()
    assert n["clock"] == "nts, CLOCK_MONOTONIC_RAW" and n["adjusted"] == 1 and n["agreeing"] == 2, n
    assert 10 ** 6 < n["half_width_ns"] < 10 ** 8, n
    assert [s["name"].encode() for s in n["servers"]] == NAMES and n["servers"][0]["state"] == "agrees", n
    assert json.loads(get("/health")[2])["nts_sources_reachable"] == len(NAMES)
    wait_for(front, lambda: b'quorate_time_offset_seconds{core="1"} 0.0' in get("/metrics")[2] or None, "metrics: another offset")
    metrics = get("/metrics")[2].decode()
    assert 'quorate_time_state{core="1",state="waiting",reason="holds",clock="nts, CLOCK_MONOTONIC_RAW"} 1' in metrics
    assert 'quorate_time_sources_agreeing{core="1"} 2' in metrics

    print("case: the plot")
    wait_for(front, lambda: b'class="l k1"' in get("/time.svg")[2] or None, "no line")
    status, kind, svg = get("/time.svg")
    assert (status, kind) == (200, "image/svg+xml")
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = {e.tag.split("}")[1] for e in root.iter()}
    assert names <= {"svg", "title", "style", "rect", "text", "path"}, names
    assert not any("href" in a or a.startswith("on") for e in root.iter() for a in e.attrib)
    assert any((e.text or "").startswith("node 1: +") for e in root.iter())

    print("case: before people")
    admin = ["--admin", f"unix:{T}/admin.sock"]
    code, out, _ = run("status", *admin, "--json")
    assert code == 0 and json.loads(out)["nodes"][0]["servers"][1]["name"] == "ntp.example"
    code, out, _ = run("time", "watch", *admin, "--count", "2")
    assert code == 0 and out.count("at=20") == 2 and "reason=holds" in out and "\033" not in out, out
    code, shown, _ = in_terminal(["status", *admin], "xterm", None, b"")
    assert code == 0 and "NODE  SOURCES" in shown and "2/2" in shown and "\033" not in shown, shown
    with http.server.HTTPServer(("127.0.0.1", 0), Liar) as liar:
        threading.Thread(target=liar.serve_forever, daemon=True).start()
        for args in (["status"], ["status", "--json"], ["time", "watch", "--count", "1"]):
            code, out, err = run(*args, "--admin", f"127.0.0.1:{liar.server_port}")
            assert code == 0 and all(c == "\n" or " " <= c <= "\x7f" for c in out + err), (args, code, out, err)
        liar.shutdown()
    for key in (b"q", b"\x03"):
        code, shown, same = in_terminal(["time", "watch", *admin], "xterm", key, b"q ends")
        assert code == 0 and same and "\033[H" in shown and "nts, CLOCK_MONOTONIC_RAW" in shown, (key, code, same, shown)
    code, shown, same = in_terminal(["time", "watch", *admin, "--count", "1"], "dumb", None, b"")
    assert code == 0 and same and "\033" not in shown and "node=1 known=yes" in shown, shown
    address = f"{front.address[0]}:{front.address[1]}"
    code, _, err = run("status", "--url", f"http://{address}/")
    assert code == 2 and "--admin" in err, err
    assert run("status", "--count", "2")[0] == 2 and run("time", "watch", "--json")[0] == 2
    assert run("status", "--url", "x", *admin)[0] == 2 and run("time", "look")[0] == 2 and run("time")[0] == 2

    print("case: a core that stands still, and one that is gone")
    os.kill(core.pid, signal.SIGSTOP)
    wait_for(front, lambda: not node()["known"] or None, "it is silent, and known")
    assert node()["last_err"] == "deadline", node()
    assert b"node 1: no answer" in get("/time.svg")[2]
    os.kill(core.pid, signal.SIGCONT)
    wait_for(front, lambda: node()["known"] or None, "it is back, and not known")
    core.kill()
    core.wait()
    wait_for(front, lambda: not node()["known"] or None, "it is gone, and known")
    code, out, _ = run("status", *admin)
    assert code == 0 and "node=1 known=no last_err=" in out, out
finally:
    core.kill()
    core.wait()
    front.stop()
