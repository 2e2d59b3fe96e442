"""`insurance-claim`: care by a person first, then forms by AI, then judgement reviewed by a person, then money by AI."""
