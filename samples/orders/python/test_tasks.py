"""python -m unittest"""

import http.server
import threading
import unittest

from kubernetes.client import ApiClient, Configuration, CustomObjectsApi

from tasks import Tasks


class TasksTest(unittest.TestCase):
    def test_the_api_server_is_asked_to_refuse_a_misspelt_field(self):
        asked = []

        class ApiServer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(self.path)
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), ApiServer) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            tasks = Tasks("shop")
            tasks.api = CustomObjectsApi(ApiClient(Configuration(host=f"http://127.0.0.1:{server.server_port}")))
            tasks.create("order-tasks", "order_4711-mail", {}, {})
            server.shutdown()
        self.assertEqual(asked, ["/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks?fieldValidation=Strict"])


if __name__ == "__main__":
    unittest.main()
