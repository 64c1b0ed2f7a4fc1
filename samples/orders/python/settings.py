import os

from kubernetes import config

NAMESPACE = os.environ.get("NAMESPACE") or "default"


def load_credentials() -> None:
    """KUBECONFIG, else ~/.kube/config, else the pod's own account."""
    config.load_config()


def serve(app, port: int) -> None:
    """For development; in a cluster gunicorn serves the same app."""
    app.run(os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or port), threaded=True)
