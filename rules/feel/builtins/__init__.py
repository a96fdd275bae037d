"""Which built-in functions does FEEL have (DMN 1.5 §10.3.4), and those Camunda's editors offer beside them?"""

from rules.feel.builtins.dispatch import BUILTINS, as_value, invoke, invoke_named
from rules.feel.builtins.signature import Builtin

__all__ = ["BUILTINS", "Builtin", "as_value", "invoke", "invoke_named"]
