"""The editor's face: the wire, dispatch, cancellation, and the protocol's shapes."""
