"""Extensions that cannot be had here (they come from the marketplace alone), as far as ours looks at them."""

import json
import zipfile
from pathlib import Path

_TYPES = (
    '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension=".json" ContentType="application/json"/><Default Extension=".js" '
    'ContentType="application/javascript"/><Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>'
)
_MANIFEST = (
    '<?xml version="1.0" encoding="utf-8"?><PackageManifest Version="2.0.0" '
    'xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata><Identity Language="en-US" Id="{name}" '
    'Version="9.9.9" Publisher="{publisher}"/><DisplayName>{name}</DisplayName><Properties><Property '
    'Id="Microsoft.VisualStudio.Code.Engine" Value="^1.91.0"/></Properties></Metadata><Installation>'
    '<InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/><Assets><Asset '
    'Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>'
    "</PackageManifest>"
)


def extension(folder: Path, publisher: str, name: str, code: str = "") -> Path:
    """Pack an extension with this code, which is run when it is asked for, and return the .vsix."""
    manifest = {"name": name, "publisher": publisher, "version": "9.9.9", "engines": {"vscode": "^1.91.0"}}
    if code:
        manifest |= {"main": "./main.js", "activationEvents": []}
    packed = folder / f"{publisher}.{name}.vsix"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("extension.vsixmanifest", _MANIFEST.format(publisher=publisher, name=name))
        archive.writestr("extension/package.json", json.dumps(manifest))
        archive.writestr("extension/main.js", code)
    return packed


def python_extension(folder: Path, selected: Path) -> Path:
    """The Python extension in whose window an interpreter is selected, in the shape that it exports."""
    code = f"""
        const vscode = require("vscode");
        const changed = new vscode.EventEmitter();
        exports.activate = () => ({{ environments: {{
            getActiveEnvironmentPath: () => ({{ path: {json.dumps(str(selected))} }}),
            resolveEnvironment: async ({{ path }}) => ({{ executable: {{ uri: vscode.Uri.file(path) }} }}),
            onDidChangeActiveEnvironmentPath: changed.event,
        }} }});
    """
    return extension(folder, "ms-python", "python", code)
