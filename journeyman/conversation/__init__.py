"""Conversations: one transcript a journey, over any channel, and what is read in a message by fixed rules.

inbound transcript notices chat                 from a channel to a journey; the messages; mandated wording; a browser's customer
masking secret_numbers passwords cards canary   secrets, cut out before anything is stored
asking scene numbers normal                     what masking reads them by: what was asked, what stands beside, how it is written
triggers trigger_patterns wishes sentiment lexicon churn    what a customer's words set off, and how they feel
speech speech_patterns english links money      what a sentence to a customer commits to, reveals and names
"""
