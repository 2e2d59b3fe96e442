"""Tasks of people, and what people do: each deed one transaction, with its decision, its entry, and the word to its journey.

models lifecycle calendar clock routing unseen      pure: what a task is, where it can go, when it is late, who is next
desk once people permission viewing                 who asks, and what policy says
change operation                                    one change of one task; one person's operation on it
opening placing slots offering clocks               the engine's side: open, place, promise, offer, watch the clocks
working offers moving closing callbacks wrap_up     a person's deeds with a task ...
speaking consulting suggestions words drafts looks macros   ... and with words
cases stops roster staffing publication             deeds beyond one task: journeys, AI agents, people and queues, bundles
"""
