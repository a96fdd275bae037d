"""What kind of gateway is it? (BPMN 2.0 §10.6)"""

from bpmn.model import ComplexGateway, Detail, EventGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from bpmn.namespaces import B
from bpmn.reading import Reading
from bpmn.xml import Element, text_of


def read_gateway(element: Element, kind: str, reading: Reading) -> Detail:
    match kind:
        case "exclusiveGateway":
            return ExclusiveGateway()
        case "parallelGateway":
            return ParallelGateway()
        case "inclusiveGateway":
            return InclusiveGateway()
        case "eventBasedGateway":
            instantiate = element.get("instantiate") in ("true", "1")
            return EventGateway(instantiate, parallel=element.get("eventGatewayType") == "Parallel")
        case _:
            condition = element.find(B + "activationCondition")
            if condition is None or not text_of(condition):
                return ComplexGateway()
            return ComplexGateway(reading.condition(text_of(condition), condition, "activation condition"))
