#!/usr/bin/env python3
"""VictoriaMetrics and Prometheus on the readings of storage_data.py, each alone on this machine: CPU of the peer's process
alone, bytes on disk once everything is flushed, resident memory, and the median time of three queries.

usage: storage_peers.py DIR    (data.npy, ts.npy); prints one JSON object a line"""
import http.client, json, os, shutil, signal, statistics, subprocess, sys, tempfile, time, urllib.parse
import numpy as np

D, T = np.load(sys.argv[1] + "/data.npy"), np.load(sys.argv[1] + "/ts.npy")
VMS, METRICS, TICKS = D.shape
SAMPLES = D.size
HZ = os.sysconf("SC_CLK_TCK")
# Readings of the generator are old; both peers would drop them with their usual retention.
LABELS = [[(f"m{m:02}", f"vm{v:04}") for m in range(METRICS)] for v in range(VMS)]


def cpu(pid):
    stat = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(stat[11]) + int(stat[12])) / HZ


def rss(pid):
    return next(int(l.split()[1]) for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS")) / 1024


def du(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(path) for f in fs)


class Peer:
    def __init__(self, port, argv):
        self.port, self.log = port, tempfile.TemporaryFile()
        self.process = subprocess.Popen(argv, stdout=self.log, stderr=self.log)
        for _ in range(200):
            try:
                if self.ask("GET", "/-/ready" if "prometheus" in argv[0] else "/health")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"{argv[0]} does not get ready")

    def ask(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def send(self, path, body, headers={}):
        status, text = self.ask("POST", path, body, headers)
        if status >= 300:
            raise SystemExit(f"{path}: {status} {text[:200]}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def varint(n):
    out = bytearray()
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def snappy(body):
    """Snappy's block format with literals alone: it spares the peer the work of undoing a compression."""
    out = [varint(len(body))]
    for at in range(0, len(body), 65536):
        part = body[at : at + 65536]
        out += [b"\xf4", (len(part) - 1).to_bytes(2, "little"), part]
    return b"".join(out)


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def label(name, value):
    return field(1, field(1, name.encode()) + field(2, value.encode()))


HEADS = [[label("__name__", name) + label("vm", vm) for name, vm in row] for row in LABELS]


def samples(values, times):
    """prompb.Sample, 18 bytes each: a double and a time of six groups of seven bits."""
    out = np.empty((len(values), 18), dtype=np.uint8)
    out[:, 0], out[:, 1], out[:, 2] = 0x12, 16, 0x09
    out[:, 3:11] = values.astype("<f8").view(np.uint8).reshape(-1, 8)
    out[:, 11] = 0x10
    for group in range(6):
        out[:, 12 + group] = (times >> (7 * group)) & 127 | (128 if group < 5 else 0)
    return out.tobytes()


def remote_write(peer):
    """30 ticks of 10 VMs (9 000 samples) a request, oldest first."""
    headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf", "X-Prometheus-Remote-Write-Version": "0.1.0"}
    for first in range(0, TICKS, 30):
        for vms in range(0, VMS, 10):
            body = b"".join(
                field(1, HEADS[v][m] + samples(D[v, m, first : first + 30], T[v, first : first + 30]))
                for v in range(vms, min(vms + 10, VMS))
                for m in range(METRICS)
            )
            peer.send("/api/v1/write", snappy(body), headers)


def json_import(peer):
    for v in range(VMS):
        lines = (
            json.dumps({"metric": {"__name__": n, "vm": vm}, "values": D[v, m].tolist(), "timestamps": T[v].tolist()})
            for m, (n, vm) in enumerate(LABELS[v])
        )
        peer.send("/api/v1/import", "\n".join(lines).encode())


def timed(peer, path, rounds=15):
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        status, body = peer.ask("GET", path)
        took.append((time.perf_counter() - begun) * 1e3)
        if status != 200 or len(body) < 100:
            raise SystemExit(f"{path}: {status} {body[:200]}")
    return statistics.median(took)


def queries(peer, export):
    end = int(T.max()) // 1000 + 1
    hours = TICKS * 10 // 3600
    quote = urllib.parse.quote
    one = 'm09{vm="vm0001"}'
    three = f"avg_over_time({one}[{hours}h]) + max_over_time({one}[{hours}h]) + stddev_over_time({one}[{hours}h])"
    rate = f"/api/v1/query_range?query={quote('rate(m00[1h])')}&start={end - (hours - 1) * 3600}&end={end}&step=3600&nocache=1"
    return [
        timed(peer, f"/api/v1/query?query={quote(three)}&time={end}&nocache=1"),
        timed(peer, rate),
        timed(peer, export(one, end, hours)),
    ]


def report(name, peer, used, disk, times):
    print(json.dumps({"store": name, "ksamples_per_core_s": SAMPLES / used / 1e3, "bytes_per_sample": disk / SAMPLES,
                      "rss_mib": rss(peer.process.pid), "query_ms": times}), flush=True)


def victoria(name, load, home):
    peer = Peer(18428, ["victoria-metrics", f"-storageDataPath={home}", "-retentionPeriod=100y", "-httpListenAddr=127.0.0.1:18428", "-search.disableCache", "-loggerLevel=ERROR"])
    begun = cpu(peer.process.pid)
    load(peer)
    peer.ask("GET", "/internal/force_flush")
    used = cpu(peer.process.pid) - begun
    peer.ask("GET", "/internal/force_merge")
    time.sleep(5)
    times = queries(peer, lambda one, end, hours: "/api/v1/export?match[]=" + urllib.parse.quote(one))
    report(name, peer, used, du(home + "/data") + du(home + "/indexdb") if os.path.isdir(home + "/indexdb") else du(home), times)
    peer.stop()


def prometheus(home):
    config = home + ".yml"
    open(config, "w").write("global: {}\n")
    peer = Peer(18490, ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={home}", "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:18490", "--web.enable-remote-write-receiver", "--web.enable-admin-api", "--log.level=error"])
    begun = cpu(peer.process.pid)
    remote_write(peer)
    used = cpu(peer.process.pid) - begun
    status, body = peer.ask("POST", "/api/v1/admin/tsdb/snapshot")
    snapshot = f"{home}/snapshots/{json.loads(body)['data']['name']}"
    times = queries(peer, lambda one, end, hours: f"/api/v1/query?query={urllib.parse.quote(f'{one}[{hours}h]')}&time={end}")
    report("Prometheus, remote write", peer, used, du(snapshot), times)
    peer.stop()


home = tempfile.mkdtemp(prefix="evenkeel-peers-")
try:
    victoria("VictoriaMetrics, remote write", remote_write, home + "/vm1")
    victoria("VictoriaMetrics, JSON import", json_import, home + "/vm2")
    prometheus(home + "/prom")
finally:
    shutil.rmtree(home, ignore_errors=True)
