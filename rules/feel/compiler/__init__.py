"""How does a parsed FEEL expression become Python closures that evaluate it?"""

from rules.feel.compiler.compiler import Compiler
from rules.feel.compiler.scope import Code, Env

__all__ = ["Code", "Compiler", "Env"]
