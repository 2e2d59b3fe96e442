"""What people say at such moments, as patterns of folded, lower-case English, with the commonest phrases of its neighbours.

Each name has alternatives; a name is given when one of them is found and not negated. From field lists of escalation
phrases and from reading conversations; the measured hits and misses are in the tests.
"""

import re

from journeyman.conversation.wishes import WISHES

_PERSON = (
    r"(?:(?:real|live|actual|human|proper|different|another|other|physical) (?:\w+ )?(?:person|people|human|being|agent"
    r"|representative|rep|operator|advis[oe]r|one|someone|employee|colleague|support)|person|human(?: being)?s?"
    r"|people|agents?"
    r"|representatives?|reps?|operators?|advis[oe]rs?|managers?|supervisors?|some(?:one|body) (?:real|human|else|higher"
    r"|in charge|senior|from|who|that|at)|customer (?:service|care|support|rep\w*)|staff|employees?|colleague"
    r"|call cent(?:er|re)"
    r"|case ?worker|consultant|specialist|teller|banker|clerk|actual people|mensch(?:en)?|mitarbeiter(?:in)?|persona"
    r"|humano|agente|conseiller|personne|humain|quelqu'un)"
)
_ARTICLE = (
    r"(?:(?:to|with|by|through|onto|over|a|an|the|any|some|one of|your|you|me|real|live|actual|human|einem|einer|un"
    r"|una|une|con|avec|mit|a|à|al)"
    r" ){0,5}"
)
_PATTERNS: dict[str, tuple[str, ...]] = {
    "person_request": (
        r"^[^\w\n]{0,20}(?:an? )?(?:human|person|agent|representative|operator|manager|supervisor|advis[oe]r|real person"
        r"|someone real)[^\w\n]{0,20}$",
        r"(?:speak|talk|chat|connect|connected|transfer(?:red)?|switch|pass(?:ed)?|put|hand(?:ed)?|forward(?:ed)?"
        r"|route|redirect"
        r"|escalate|call|calling|phone|ring|get|reach|contact|refer|sprechen|hablar"
        r"|parler) (?:me )?(?:directly )?(?:on |up )?"
        rf"{_ARTICLE}{_PERSON}",
        rf"mit {_ARTICLE}{_PERSON} (?:sprechen|reden|telefonieren|verbunden|verbinden)",
        r"(?:want|need|like|prefer|demand|require|give me|get me|find me|send me|have|bring me|request|where is"
        r"|where's|is there)"
        rf" {_ARTICLE}(?:{_PERSON})",
        r"(?:speak|talk|chat) (?:to|with) (?:some(?:one|body)|any(?:one|body))",
        r"(?:real|live|actual|human) (?:person|human|being|agent|representative|rep|operator|support|help"
        r"|assistance|advis[oe]r)",
        r"(?<!\d )(?:a )?(?:person|human(?: being)?|representative|rep|agent|operator|manager"
        r"|supervisor),? (?:please|pls|plz|now)",
        r"(?:please|pls|just),? (?:a )?(?:person|human|representative|agent|operator)",
        r"stop (?:this|the|being a|with the|using a|that) (?:\w+ ){0,2}(?:bot|robot|machine|ai|automated|chatbot)",
        r"(?:no|not|hate|fed up with|tired of|sick of|enough (?:of|with)) (?:this|these|talking to|chatting with"
        r"|speaking to|dealing"
        r" with|an?|the|more|your)(?: (?:an?|the|this|these|your|talking to|stupid|bloody|damn|dumb|useless"
        r"|automated))*"
        r" (?:ro)?(?:bots?|chat ?bots?|machines?|computers?|ai\b|automated (?:system|messages?|replies)|robots?)",
        r"(?:don't|do not|dont|won't|not going to|refuse to|not) (?:want|wanna|like|trust|wish)?(?: to)? ?(?:talk"
        r"|speak|chat|deal|talking"
        r"|speaking)? ?(?:to|with)? ?(?:an?|the|this|your) (?:ro)?(?:bot|robot|chatbot|machine|computer|ai)\b",
        r"escalate (?:this|my|it)",
        r"call me back|(?:can|could|have|get|ask) (?:someone|somebody|you|anyone) (?:to )?(?:call|phone|ring) me",
        *WISHES,
    ),
    "distress": (
        r"(?:want|wants|wanna|wish(?:ed)?|like|rather|better|ready|going|gonna|hope|plan|planning|wishing"
        r"|wanted) (?:to |i could |i "
        r"would |i could just |i was |i were |i'd |to just |to be )?(?:just )?(?:die|dead|kill myself|end (?:it all"
        r"|my life)|hang myself|not (?:be here|wake up))",
        r"(?:don't|do not|dont) (?:want|wanna)(?: to)? (?:live|be alive|be here any ?more|go on|exist|wake up)",
        r"(?:kill(?:ing)?|hurt(?:ing)?|harm(?:ing)?|cut(?:ting)?|shoot(?:ing)?|hang(?:ing)?) (?:my ?self|me self)"
        r"|suicid\w*|self[- ]harm\w*"
        r"|end(?:ing)? (?:my|my own) life|end it all|take my (?:own )?life|unalive|kms\b",
        r"no (?:reason|point|will) (?:to|in) (?:live|living|go on|going on)|life (?:is not|isn't|is no longer) worth"
        r"|better off (?:dead|without me)"
        r"|can't (?:go on|take (?:it|this) any ?more|cope|do this any ?more)|cannot (?:go on|cope)"
        r"|at the end of my rope|give up on life",
        r"panic(?:king|ked| attack| attacks)?(?! button)|i'?m (?:so |really |very |absolutely |just )*(?:terrified"
        r"|desperate|devastated|distraught|hysterical|shaking|hopeless"
        r"|overwhelmed|suicidal|frantic|petrified|heartbroken)|i am (?:so |really |very |absolutely "
        r"|just )*(?:terrified|desperate|devastated"
        r"|distraught|hysterical|shaking|shaken|hopeless|overwhelmed|frantic|petrified|heartbroken)|(?:i am|i'm"
        r"|im) (?:so|really|very) (?:scared|frightened|afraid|shaken)",
        r"freaking out|freaks me out|nervous breakdown|mental breakdown|breaking down|falling apart|losing my mind"
        r"|can't stop crying|crying my eyes|in tears"
        r"|(?:i'm|i am|im) (?:so |really )?crying|scared for my life|abus(?:ing|ive) (?:me|husband|wife|partner)"
        r"|(?:he|she) (?:hits|beats|is hurting) me",
    ),
    "bereavement": (
        r"(?:passed away|has passed on|bereave(?:d|ment)|funeral|deceased|probate|late (?:husband|wife|mother|father"
        r"|mum|mom|dad|partner|son"
        r"|daughter|brother|sister)(?! (?:is|was) late)|widow(?:er|ed)?\b|next of kin|death certificate|executor of"
        r"|death of my|grieving|mourning)",
        r"(?:my|our) (?:\w+ )?(?:husband|wife|mother|father|mum|mom|mam|dad|daddy|partner|spouse|son|daughter|child"
        r"|baby|brother|sister|grandmother"
        r"|grandfather|grandma|grandpa|nan|uncle|aunt|friend|fiance|fiancee|boyfriend|girlfriend"
        r"|parents?)(?: (?:just|recently|suddenly|sadly|has|had|have"
        r"|is|was|who))* (?:died|dead|passed\b|killed|dying)",
        r"(?:he|she)(?:'s| is| has)(?: just)? (?:dead|died|passed away|dying)|(?:lost|losing|buried|bury"
        r"|burying) my (?:\w+ )?(?:husband|wife|mother|father|mum|mom|dad|partner|son|daughter|child|baby|brother"
        r"|sister"
        r"|grandmother|grandfather|grandma|grandpa)",
    ),
    "complaint": (
        r"(?:file|make|lodge|raise|submit|register|put in|have|want|formal|official|send"
        r"|open) (?:\w+ ){0,3}complaint|complaints? (?:department|procedure|team"
        r"|process|about)|(?:want|like|going|need) to complain|i(?:'m| am| will|'ll) complain(?:ing)?"
        r"|i wish to complain|this is a complaint",
        r"unacceptable|this is (?:absolutely |just |totally |completely |so |bloody )*(?:ridiculous|outrageous"
        r"|disgraceful|appalling|a disgrace|a joke|pathetic"
        r"|disgusting|bullshit|bs)|(?:worst|terrible|awful|horrible|appalling|disgraceful|pathetic|shocking|useless"
        r"|lousy|poor|bad|rubbish|crap|shit)"
        r" (?:customer )?(?:service|support|experience|company|bank|help|treatment|customer care)\b|disgusted"
        r"|sick and tired of|had enough of (?:this|you)"
        r"|waste of (?:my )?time|you people are|fed up|bad review|trustpilot|never been (?:so|treated)|(?:bot"
        r"|you) (?:is|are|you're) useless|you're useless",
    ),
    "contest": (
        r"(?:appeal|contest|dispute|challenge|object(?:ing|ion)? to|disagree(?:ing)? with|don't agree with|do not agree with"
        r"|don't accept|do not accept|won't accept|can't accept|reconsider|review|overturn|reverse|fight) (?:\w+ ){0,4}"
        r"(?:decisions?|outcome|refusal|rejection|denial|settlement|verdict|assessment)\b",
        r"(?:decision|outcome|refusal|rejection|denial|settlement|verdict|assessment)(?: you (?:made|took|gave me))? (?:is|was)"
        r" (?:\w+ ){0,2}(?:wrong|unfair|unjust|incorrect|a mistake|an error|not (?:right|fair|correct|justified))\b",
        r"(?:want|like|wish|need|going|how (?:do|can|could) i|can i|may i|i'll|i will) (?:to )?(?:make |file |lodge |enter )?"
        r"(?:an )?appeal\b(?! to)",
        r"(?:widerspruch|einspruch) (?:ein(?:legen|reichen)|erheben|gegen)|(?:lege|erhebe) (?:hiermit )?(?:widerspruch|einspruch)"
        r"|mit (?:der|dieser|ihrer|eurer) entscheidung (?:\w+ )?nicht einverstanden",
        r"(?:apelar|recurrir|impugnar) (?:la|esta|su) decision|no estoy de acuerdo con (?:la|esta|su) decision",
        r"(?:contester|contestons|conteste) (?:la|cette|votre) decision|pas d'accord avec (?:la|cette|votre) decision"
        r"|faire appel de",
    ),
    "cancellation": (
        r"(?:want|wanna|like|need|going|wish|please|can (?:i|you|we)|could (?:i|you|we)|how (?:do|can|to) i?|i'll"
        r"|i will|i'm|let me|just|decided|trying|must"
        r"|to) (?:to )?(?:please )?(?:cancel|close|terminate|end|stop|discontinue)(?:ing)? (?:\w+ ){0,3}(?:accounts?"
        r"|subscriptions?|memberships?|polic(?:y|ies)"
        r"|contracts?|plans?|services?|insurance|agreement|cover|orders?|bookings?|reservations?|flights?"
        r"|appointments?|everything|trip|membership)\b",
        r"^(?:please )?cancel (?:my|the|this|our|it|everything|all)\b(?! card)|(?:want|need|like"
        r"|wish) to cancel\b(?! (?:my|the|this|a) (?:\w+ )?card)"
        r"|(?:cancel|cancellation) (?:my |of my |the )?(?:account|subscription|membership|policy|contract|plan"
        r"|service|insurance)|cancellation (?:please|request|form|fee)",
        r"(?:leave|leaving|quit|quitting) (?:you|your (?:company|bank|service)|this (?:company|bank)|the bank)"
        r"|(?:switch|move|moving|switching|change|changing) (?:\w+ ){0,3}to"
        r" (?:another|a different|your competitor|the competition|a competitor|a new) ?(?:bank|provider|insurer"
        r"|company|carrier|supplier)?|(?:find|get) (?:me )?a (?:better|new) "
        r"(?:bank|provider|insurer)|take my business elsewhere|opt out of (?:my|the) (?:contract|plan)",
    ),
    "fraud": (
        r"fraud\w*|scam(?:s|med|mer|mers|ming)?|phish\w*|swindl\w*|con(?:ned| artist)|embezzl\w*|skimm(?:ed|ing|er)"
        r"|identi[tf]y theft|stolen identity"
        r"|impersonat\w*|money launder\w*|counterfeit|forged",
        r"hack(?:ed|er|ers|ing)\b|(?:account|card|identity|details|password|phone) (?:\w+ ){0,3}(?:compromised"
        r"|cloned|hijacked|stolen|taken over)",
        r"unauthori[sz]ed|(?:without|not|didn't|did not|never|no|n't) (?:my |proper |any |give "
        r"|giving )*(?:authori[sz]\w+|permission|consent)"
        r"|(?:didn't|did not|never|don't|do not) (?:make|made|recogni[sz]e|order|approve) (?:this|that|these|those"
        r"|the|any|a)"
        r" (?:\w+ )?(?:transactions?|payments?|charges?|purchases?|withdrawals?|transfers?|debits?)",
        r"(?:some ?(?:one|body)|they|he|she|who|people|thie(?:f|ves)|hackers?|crooks?)(?:'s| has| have| had| is| was"
        r"| been| must| just| keeps| may| might| could| again)*"
        r" (?:stole|stolen|steal|stealing|steals|took|taken|taking|take|withdrew|withdrawn|withdraws|withdraw"
        r"|transfer\w*|spent|spending|used|using|charged|emptied|drained|rip\w*|"
        r"robbed|gotten into|got into|made|accessed|cleaned)\b"
        r"(?=[^.!?]{0,80}(?:account|money|\bcard|\$|£|€|%\d|\d|dollars|bank|credits|savings|cash|fund|off|transfers?"
        r"|charges?|payments?))",
        r"(?:i'm|i am|im|is|are) missing (?:\w+ ){0,2}(?:money|credits?|funds|[$£€%]?\d)|missing (?:over |about "
        r"|around )?[$£€%]?\d|\d[\d.,]{0,9}k?(?: credits?| dollars)? (?:is|are) missing",
        r"(?:my|the) (?:money|funds|savings|account) (?:is|are|was|were) (?:\w+ )?(?:missing|gone|emptied|empty"
        r"|drained)|missing money|many are missing",
        r"(?:has|have|had|was|were) (?:been )?(?:withdrawn|transferred|taken|debited|charged) (?:out of|from|off"
        r"|to) my|suspect behaviou?r|evil ?doer|so many transfers|crooks?|criminals?|(?:transfers?|charges?"
        r"|payments?|purchases?|withdrawals?) (?:\w+ ){0,4}(?:that )?i (?:didn't|did not|never) (?:make|made"
        r"|authori[sz]e|recogni[sz]e)",
        r"(?:stole|stolen|steal|stealing|robbed|theft|thief|thieves)\b|been robbed|money (?:is|was|has|went"
        r"|has gone) (?:been )?(?:missing|gone|vanished|disappeared)"
        r"|missing (?:from|out of|in) my (?:bank )?account|(?:suspicious|strange|weird|odd|unknown|unfamiliar"
        r"|unexplained|unrecogni[sz]ed|fraudulent|frequent)"
        r" (?:\w+ )?(?:transactions?|charges?|payments?|transfers?|withdrawals?|activity|debits?|purchases?)",
    ),
    "legal": (
        r"lawyers?|attorneys?|solicitors?|barrister|lawsuits?|litigat\w*|legal (?:action|advice|team|counsel"
        r"|proceedings|department|steps|rights|aid)|(?:take|taking|see) you"
        r" (?:to|in) court|small claims|(?:will|going to|gonna|'ll|could|should|might|to) sue\b|suing|sue (?:you"
        r"|them|the)|press charges|subpoena|ombudsman|regulator\b"
        r"|financial conduct authority|consumer protection|class action|breach of contract|gdpr"
        r"|data protection (?:officer|authority)|\bfbi\b|trading standards|in court|court (?:order|case|date)",
        r"(?:call|calling|go to|going to|contact|report(?:ing)? (?:this|it|you) to|tell) the police|police report",
    ),
    "medical": (
        r"chest pains?|heart attack|stroke\b(?! of)|can't breathe|cannot breathe|trouble breathing"
        r"|short(?:ness)? of breath|unconscious|passed out|seizures?|overdos\w*|bleeding"
        r"|ambulance|paramedics?|emergency room|\ber\b(?= )|call (?:911|112|999)|medical emergency|allergic reaction"
        r"|anaphyla\w*|epi ?pen|insulin|pacemaker|defibrillator"
        r"|dialysis|ventilator|oxygen (?:tank|machine|concentrator)|miscarriage|side effects?|collapsed"
        r"|broken (?:leg|arm|hip|bone|ribs?)|concussion|severe pain|in (?:a lot of|terrible|severe) pain"
        r"|(?:i'm|i am|got|was|badly|been|is|am) (?:badly |seriously )?injured|whiplash|in (?:the )?hospital\b"
        r"|hospitali[sz]ed|intensive care|chemo\w*|tumou?r",
    ),
    "vulnerable": (
        r"(?:i'm|i am|im|being|she is|he is|she's|he's|as) (?:a |an |so |very |quite |rather |really |too |just "
        r"|getting )*(?:(?:[789]\d|1[01]\d) (?:years?|yrs?)(?: old)?|elderly|disabled|blind|deaf|housebound"
        r"|hard of hearing|visually impaired|partially sighted|dyslexic|autistic|illiterate|homeless|pensioner"
        r"|bedridden|(?:very|rather|quite|so) old\b|old and|old (?:man|woman|lady)\b)",
        r"i'?m (?:a |an )?(?:very|rather|quite|so) old\b|i am (?:a )?(?:very|rather|quite|so) old\b"
        r"|(?:little )?old (?:lady|man|woman)\b|elderly|senior citizen",
        r"dementia|alzheimer\w*|memory loss|my memory (?:is|isn't|just isn't|has)|trouble remembering"
        r"|don't remember much|mental (?:health|condition|illness)|learning (?:disability|difficult\w*)|bipolar"
        r"|schizo\w*"
        r"|ptsd|severe(?:ly)? (?:anxiety|depress\w*)|clinical(?:ly)? depress\w*|nursing home|care home|wheelchair"
        r"|my carer|power of attorney|can't (?:read|see|hear)\b(?! (?:any|it|the|you|that|this))|sign language"
        r"|screen reader"
        r"|lost my job|made redundant|unemployed|can't afford (?:food|rent|heating|to eat|to live|my (?:bills|rent"
        r"|mortgage|medication))|evict\w*|bankrupt\w*|food bank|domestic (?:violence|abuse)|refuge\b"
        r"|gambling (?:problem|addict\w*)",
    ),
    "language_request": (
        r"(?:speak|talk|write|answer|reply|respond|continue|help|chat|explain|assistance|agent|someone|available"
        r"|conversation) (?:\w+ ){0,4}?(?:in )?(?:spanish|french|german|italian|portuguese|polish|arabic|hindi"
        r"|urdu|punjabi|bengali|chinese|mandarin|cantonese|russian|ukrainian|turkish|dutch|romanian|vietnamese"
        r"|korean|japanese|tagalog|farsi|persian|somali|welsh|greek|hebrew)\b(?! food)",
        r"in (?:spanish|french|german|italian|portuguese|polish|arabic|hindi|urdu|chinese|mandarin|russian|ukrainian"
        r"|turkish|dutch|romanian|vietnamese|korean|japanese|tagalog|my (?:own )?language"
        r"|another language)(?:,? please|\?|$)",
        r"(?:don't|do not|dont|can't|cannot|not|no) (?:\w+ )?(?:speak|understand|read"
        r"|write) (?:\w+ ){0,3}english(?! when)|(?:my|bad|poor) english (?:is )?(?:not|bad|poor|isn't|very|limited)"
        r"|no english|interpreter|translator"
        r"|(?:can|could) you translate|sprechen sie|auf deutsch|habla(?:s|n)? (?:usted )?espa\w*|en espanol"
        r"|no hablo ingles|parlez[- ]vous|en francais|parla italiano|mowisz po polsku|po polsku|fala portugues"
        r"|em portugues|govorite|turkce",
    ),
}
COMPILED = {
    name: tuple(re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z])", re.MULTILINE) for pattern in patterns)
    for name, patterns in _PATTERNS.items()
}
"""The patterns of each name, between word boundaries."""
