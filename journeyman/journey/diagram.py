"""A journey's machine as a Mermaid state diagram."""

from journeyman.journey.definition import Definition, steps_named_in


def mermaid(definition: Definition) -> str:
    """The diagram that `journeyman diagram KIND` prints. Steps stand below the stage that performs them."""
    lines = ["stateDiagram-v2", f"    [*] --> {definition.initial.name}"]
    for stage in definition.stages.values():
        steps = dict.fromkeys(step.name for step in steps_named_in(stage.body))
        label = "<br/>".join([stage.name.replace("_", " "), *(f"· {step}" for step in steps)])
        lines.append(f'    state "{label}" as {stage.name}')
    for stage in definition.stages.values():
        lines += [f"    {stage.name} --> {target}" for target in stage.to]
        lines += [f"    {stage.name} --> [*]: {outcome}" for outcome in stage.ends]
    return "\n".join(lines) + "\n"
