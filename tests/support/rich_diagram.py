"""Which one file has nearly every element and extension that the reader knows? (Raw material for mutations.)"""

# ruff: noqa: E501 (lines of XML)

RICH = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="rich">
  <bpmn:collaboration id="collaboration">
    <bpmn:participant id="pool" name="Shop" processRef="order"/>
    <bpmn:participant id="other" name="Bank"/>
    <bpmn:messageFlow id="mf" sourceRef="notify" targetRef="other"/>
  </bpmn:collaboration>
  <bpmn:message id="msgPaid" name="paid">
    <bpmn:extensionElements><zeebe:subscription correlationKey="=orderId"/></bpmn:extensionElements>
  </bpmn:message>
  <bpmn:signal id="sigStop" name="stop"/>
  <bpmn:error id="errStock" errorCode="NO_STOCK"/>
  <bpmn:escalation id="escLate" escalationCode="LATE"/>
  <bpmn:process id="order" name="Order" isExecutable="true" camunda:versionTag="1">
    <bpmn:extensionElements>
      <zeebe:userTaskForm id="approval">{"components": []}</zeebe:userTaskForm>
      <zeebe:properties><zeebe:property name="owner" value="sales"/></zeebe:properties>
    </bpmn:extensionElements>
    <bpmn:laneSet id="lanes"><bpmn:lane id="lane1" name="Office"><bpmn:flowNodeRef>approve</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="start" name="New order">
      <bpmn:outgoing>f1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:startEvent id="nightly">
      <bpmn:timerEventDefinition><bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R/PT24H</bpmn:timeCycle></bpmn:timerEventDefinition>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="f0" sourceRef="nightly" targetRef="check"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
    <bpmn:serviceTask id="check" name="Check">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="check" retries="5"/>
        <zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders>
        <zeebe:ioMapping>
          <zeebe:input source="=order.items[price &gt; 10]" target="items"/>
          <zeebe:output source="=result" target="checked"/>
        </zeebe:ioMapping>
        <zeebe:executionListeners><zeebe:executionListener eventType="start" type="audit"/></zeebe:executionListeners>
      </bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics isSequential="true">
        <bpmn:extensionElements>
          <zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="out" outputElement="=item"/>
        </bpmn:extensionElements>
        <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">=numberOfCompletedInstances &gt;= 2</bpmn:completionCondition>
      </bpmn:multiInstanceLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:boundaryEvent id="noStock" attachedToRef="check"><bpmn:errorEventDefinition errorRef="errStock"/></bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f2" sourceRef="noStock" targetRef="reject"/>
    <bpmn:endEvent id="reject"><bpmn:terminateEventDefinition/></bpmn:endEvent>
    <bpmn:sequenceFlow id="f3" sourceRef="check" targetRef="big"/>
    <bpmn:exclusiveGateway id="big" name="Big?" default="f5"/>
    <bpmn:sequenceFlow id="f4" sourceRef="big" targetRef="approve">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=amount &gt; 1000 and tier != "gold"</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f5" sourceRef="big" targetRef="race"/>
    <bpmn:userTask id="approve" name="Approve">
      <bpmn:extensionElements>
        <zeebe:userTask/>
        <zeebe:formDefinition formKey="camunda-forms:bpmn:approval"/>
        <zeebe:assignmentDefinition assignee="=owner" candidateGroups="clerks"/>
        <zeebe:taskSchedule dueDate="=now() + duration(&quot;P1D&quot;)"/>
        <zeebe:priorityDefinition priority="70"/>
        <zeebe:taskListeners><zeebe:taskListener eventType="completing" type="audit"/></zeebe:taskListeners>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:boundaryEvent id="late" attachedToRef="approve" cancelActivity="false">
      <bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT2H</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f6" sourceRef="late" targetRef="tell"/>
    <bpmn:endEvent id="tell"><bpmn:escalationEventDefinition escalationRef="escLate"/></bpmn:endEvent>
    <bpmn:sequenceFlow id="f7" sourceRef="approve" targetRef="race"/>
    <bpmn:eventBasedGateway id="race"/>
    <bpmn:sequenceFlow id="f8" sourceRef="race" targetRef="paid"/>
    <bpmn:sequenceFlow id="f9" sourceRef="race" targetRef="timeout"/>
    <bpmn:intermediateCatchEvent id="paid"><bpmn:messageEventDefinition messageRef="msgPaid"/></bpmn:intermediateCatchEvent>
    <bpmn:intermediateCatchEvent id="timeout">
      <bpmn:timerEventDefinition><bpmn:timeDate xsi:type="bpmn:tFormalExpression">2030-01-01T00:00:00Z</bpmn:timeDate></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="f10" sourceRef="paid" targetRef="ship"/>
    <bpmn:sequenceFlow id="f11" sourceRef="timeout" targetRef="ship"/>
    <bpmn:transaction id="ship">
      <bpmn:startEvent id="s1"/>
      <bpmn:sequenceFlow id="g1" sourceRef="s1" targetRef="book"/>
      <bpmn:businessRuleTask id="book">
        <bpmn:extensionElements><zeebe:calledDecision decisionId="carrier" resultVariable="carrier"/></bpmn:extensionElements>
      </bpmn:businessRuleTask>
      <bpmn:boundaryEvent id="undoEvent" attachedToRef="book"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>
      <bpmn:scriptTask id="undo" isForCompensation="true">
        <bpmn:extensionElements><zeebe:script expression="={a: 1, b: [1..3]}" resultVariable="undone"/></bpmn:extensionElements>
      </bpmn:scriptTask>
      <bpmn:association id="a1" sourceRef="undoEvent" targetRef="undo"/>
      <bpmn:sequenceFlow id="g2" sourceRef="book" targetRef="e1"/>
      <bpmn:endEvent id="e1"><bpmn:cancelEventDefinition/></bpmn:endEvent>
    </bpmn:transaction>
    <bpmn:boundaryEvent id="cancelled" attachedToRef="ship"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f12" sourceRef="cancelled" targetRef="jump"/>
    <bpmn:intermediateThrowEvent id="jump"><bpmn:linkEventDefinition name="out"/></bpmn:intermediateThrowEvent>
    <bpmn:intermediateCatchEvent id="land"><bpmn:linkEventDefinition name="out"/></bpmn:intermediateCatchEvent>
    <bpmn:sequenceFlow id="f13" sourceRef="land" targetRef="tools"/>
    <bpmn:sequenceFlow id="f14" sourceRef="ship" targetRef="tools"/>
    <bpmn:adHocSubProcess id="tools" cancelRemainingInstances="false">
      <bpmn:extensionElements>
        <zeebe:adHoc activeElementsCollection="=[&quot;t1&quot;]" outputCollection="results" outputElement="=result"/>
      </bpmn:extensionElements>
      <bpmn:task id="t1"/>
      <bpmn:callActivity id="t2">
        <bpmn:extensionElements><zeebe:calledElement processId="invoice" propagateAllChildVariables="false"/></bpmn:extensionElements>
        <bpmn:standardLoopCharacteristics loopMaximum="3"><bpmn:loopCondition>=more</bpmn:loopCondition></bpmn:standardLoopCharacteristics>
      </bpmn:callActivity>
      <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">=done</bpmn:completionCondition>
    </bpmn:adHocSubProcess>
    <bpmn:sequenceFlow id="f15" sourceRef="tools" targetRef="notify"/>
    <bpmn:sendTask id="notify" camunda:topic="mail" messageRef="msgPaid"/>
    <bpmn:sequenceFlow id="f16" sourceRef="notify" targetRef="split"/>
    <bpmn:inclusiveGateway id="split" default="f17"/>
    <bpmn:sequenceFlow id="f17" sourceRef="split" targetRef="end"/>
    <bpmn:endEvent id="end"/>
    <bpmn:subProcess id="watch" triggeredByEvent="true">
      <bpmn:startEvent id="s2" isInterrupting="false">
        <bpmn:conditionalEventDefinition>
          <bpmn:extensionElements><zeebe:conditionalFilter variableNames="stock"/></bpmn:extensionElements>
          <bpmn:condition xsi:type="bpmn:tFormalExpression">=stock &lt; 5</bpmn:condition>
        </bpmn:conditionalEventDefinition>
      </bpmn:startEvent>
      <bpmn:sequenceFlow id="h1" sourceRef="s2" targetRef="e2"/>
      <bpmn:endEvent id="e2"><bpmn:signalEventDefinition signalRef="sigStop"/></bpmn:endEvent>
    </bpmn:subProcess>
    <bpmn:textAnnotation id="note"><bpmn:text>Hello</bpmn:text></bpmn:textAnnotation>
    <bpmn:dataObject id="data"/>
  </bpmn:process>
</bpmn:definitions>
"""
