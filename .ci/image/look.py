"""look.py IMAGE_TAR REVISION PORT...: what the image says of itself and holds, against what we promise; ends with 1 at the first broken promise."""
import io
import json
import re
import sys
import tarfile


def promise(kept, text):
    if not kept:
        sys.exit(f"FAILED: {text}")


image = tarfile.open(sys.argv[1])
manifest = json.load(image.extractfile("manifest.json"))[0]
config = json.load(image.extractfile(manifest["Config"]))
container = config["config"]
labels = {name.removeprefix("org.opencontainers.image."): value for name, value in container["Labels"].items()}

promise(container["User"] == "65532:65532", f"the user is {container['User']}, not a number that is not root")
promise(container["Entrypoint"][0] == "java", "the entrypoint is not java itself")
promise(set(container["ExposedPorts"]) == {f"{port}/tcp" for port in sys.argv[3:]}, f"it exposes {sorted(container['ExposedPorts'])}")
promise(not any(entry.startswith("JAVA_TOOL_OPTIONS=") for entry in container["Env"]), "JAVA_TOOL_OPTIONS is not the user's")
for name in ("title", "description", "version", "revision", "source", "licenses"):
    promise(labels.get(name), f"the label {name} is missing")
promise(labels["revision"] == sys.argv[2], f"the label revision is {labels['revision']}, not {sys.argv[2]}")

files = {}
for layer in manifest["Layers"]:
    data = image.extractfile(layer).read()
    for member in tarfile.open(fileobj=io.BytesIO(data)):
        files["/" + member.name.removeprefix("./").rstrip("/")] = member
        if member.name.endswith(".cdx.json"):
            bom = json.load(tarfile.open(fileobj=io.BytesIO(data)).extractfile(member.name))
shells = [name for name in files if name.rsplit("/", 1)[-1] in ("sh", "bash", "dash", "busybox")]
promise(not shells, f"there is a shell: {shells}")
setuid = [name for name, member in files.items() if member.mode & 0o6000 and member.isfile()]
promise(not setuid, f"files change their user: {setuid}")
writable = [name for name, member in files.items() if member.mode & 0o002 and member.isfile()]
promise(not writable, f"anybody may write to {writable}")
promise([name for name in files if re.fullmatch("/app/taskqueue-[a-z]+.cdx.json", name)], "the bill of materials is missing")
promise(bom["bomFormat"] == "CycloneDX", "the bill of materials is not CycloneDX")
listed = {f"{part['name']}-{part['version']}.jar" for part in bom["components"]}
jars = {name.rsplit("/", 1)[-1] for name in files if name.startswith("/app/libs/")}
promise(jars and jars <= listed, f"not in the bill of materials: {sorted(jars - listed)}")
print(f"as promised: user, labels, port; no shell, no setuid; {len(jars)} libraries, each in the bill of materials")
