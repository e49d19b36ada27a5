"""Is this edit safe? Levels syntax, bindings and effects; nothing is delivered without its proof."""

from coding_agent.proof.claim import ALL_LEVELS, Claim, Level, Proof
from coding_agent.proof.verify import verify, verify_fix

__all__ = ["ALL_LEVELS", "Claim", "Level", "Proof", "verify", "verify_fix"]
