"""git-server.py PORT FOLDER: serves the bare repositories in FOLDER over Git's smart HTTP, on loopback, to read."""

import http.server
import os
import subprocess
import sys
from urllib.parse import urlsplit

PORT, FOLDER = int(sys.argv[1]), sys.argv[2]


class Git(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        url = urlsplit(self.path)
        environment = os.environ | {
            "GIT_PROJECT_ROOT": FOLDER,
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        body = self.body()
        environment["CONTENT_LENGTH"] = str(len(body))
        out = subprocess.run(["git", "http-backend"], env=environment, input=body, stdout=subprocess.PIPE, check=True).stdout
        head, _, content = out.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        self.send_response(next((int(value.split()[0]) for name, value in headers if name == "Status"), 200))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Git).serve_forever()
