"""The words that sentiment is read from, with their weights: our own list, drawn up for customer service.

Stems end in `*`. Weights: 3 strong, 2 clear, 1 slight; their sign is the side.
"""

_WEIGHTED = {
    3: (
        "amazing awesome brilliant delighted excellent exceptional fantastic fabulous incredible love* lifesaver "
        "magnificent marvelous marvellous outstanding perfect phenomenal superb terrific thrilled wonderful"
    ),
    2: (
        "appreciat* beautiful best bless* celebrat* cheer* congrat* cool enjoy* excited fun friendly generous glad "
        "good grateful great happy helpful impressed joy* kind kindly lovely lucky nice patient pleased pleasant "
        "recommend* relieved satisf* smooth* splendid superb super sweet talented thank thanks thankyou thx "
        "thankful ty useful valued welcome well woohoo yay wow danke gracias merci"
    ),
    1: (
        "better calm certainly clear comfortable convenient correct easy fair fine fixed hope hopeful hopefully "
        "interested ok okay please polite quick quickly relax* reliable resolved right safe secure smart solved "
        "sure trust* warm works working worth yeah yes yep"
    ),
    -1: (
        "afraid bad* bother* broken busy cannot cant concern* confus* dang darn delay* difficult doubt* error* "
        "expensive fail* fault* forgot* gosh hard hassle help incorrect issue* lack* late long lost miss* mistake* "
        "never nobody odd old poor* problem* regret* sad* short sick slow* sorry strange strang* stuck suspicious "
        "tired trouble* ugh unable unclear unfortunate* unhappy unlucky upset* wait waiting weird worr* wrong"
    ),
    -2: (
        "abandon* alarm* alone angry annoy* anxious ashamed awful complain* cry crying damn damned danger* dead "
        "dying desperate despair* disappoint* disaster disgrac* disrespect* distress* dreadful evil fear* freak* "
        "fraud* frustrat* hack* hate* hates helpless horrible hurt* ignored incompetent insult* irritat* lied lies "
        "lying loser mad mess* misled nasty nightmare nonsense outrag* overcharg* pain* panic* pathetic rip ripped "
        "rob* rubbish rude scam* scared shaken shame* shock* steal* stole stolen stress* stupid suck* suffer* "
        "terrib* theft thief threat* ugly unauthori* unfair unhelpful unprofessional unreliable useless victim* "
        "waste* wasted worse worthless wtf"
    ),
    -3: (
        "abus* appalling bullshit crap despise* devastat* die disgust* fuck* furious heartbroken hell hopeless "
        "horrif* idiot* livid loath* miserabl* moron* shit* ridiculous suicid* terrified unacceptable worst"
    ),
}
EXACT: dict[str, int] = {}
"""Word to weight."""
STEMS: dict[str, int] = {}
"""The beginning of a word to its weight; at least four letters."""
for _weight, _words in _WEIGHTED.items():
    for _word in _words.split():
        if _word.endswith("*"):
            STEMS[_word[:-1]] = _weight
        else:
            EXACT[_word] = _weight

_NEGATIONS = (
    "no not never none nothing nobody neither nor without hardly barely scarcely isnt arent wasnt werent dont doesnt didnt wont "
    "wouldnt cant cannot couldnt shouldnt havent hasnt hadnt aint"
)
NEGATIONS = frozenset(_NEGATIONS.split())
"""Words that turn the ones after them (and all that end in n't)."""
STRONGER: dict[str, float] = dict.fromkeys(
    (
        "very",
        "really",
        "so",
        "extremely",
        "absolutely",
        "totally",
        "completely",
        "super",
        "incredibly",
        "utterly",
        "such",
    ),
    1.5,
) | dict.fromkeys(("too", "quite", "much", "most", "bloody", "damn", "fucking", "freaking"), 1.3)
"""Words before a word that make it count more."""
WEAKER: dict[str, float] = dict.fromkeys(
    ("slightly", "somewhat", "bit", "little", "kinda", "fairly", "rather", "mildly", "maybe", "sort", "kind"), 0.6
)
"""Words before a word that make it count less."""
PHRASES: dict[str, int] = {
    "no problem": 2,
    "no problems": 2,
    "no worries": 2,
    "not bad": 1,
    "not a problem": 1,
    "no thanks": 1,
    "no thank you": 1,
    "thank god": 1,
    "thank heavens": 1,
    "well done": 3,
    "good bye": 0,
    "good morning": 0,
    "good afternoon": 0,
    "good evening": 0,
    "good day": 0,
    "as well": 0,
    "help me": 0,
    "can you help": 0,
    "could you help": 0,
    "please help": -2,
    "years old": 0,
    "fraud report": 0,
    "a fraud": -1,
    "what the hell": -3,
    "rip off": -3,
    "ripping me off": -3,
    "ripped off": -3,
    "fed up": -3,
    "had enough": -3,
    "waste of time": -3,
    "sick of": -3,
    "tired of": -3,
    "want to die": -5,
    "kill myself": -5,
    "how long": -1,
    "still waiting": -3,
    "does not work": -2,
    "doesn't work": -2,
    "not working": -2,
    "makes no sense": -2,
    "for nothing": -2,
    "you guys": 0,
    "i'm good": 1,
    "all good": 2,
    "that's all": 0,
    "too late": -2,
    "not right": -2,
    "can't be right": -2,
    "not okay": -3,
    "not ok": -3,
    "don't care": -2,
    "freaking out": -3,
    "oh no": -2,
    "oh great": -1,
    "just great": -2,
    "yeah right": -2,
    "thanks for nothing": -4,
}
"""Phrases with a weight of their own: their words count no more. 0 makes them neutral."""
EMOJI: dict[str, int] = (
    dict.fromkeys("😀😃😄😁😊🙂😍🥰😘👍🙏❤🎉😎🤗💯👏😂🤣", 2)
    | dict.fromkeys("😠😡🤬😤👎💔😭😢😞😔😟😩😫😱😨😰😕🙁☹🖕💩", -3)
    | {"🙄": -2, "😒": -2}
)
"""One character to its weight."""
EMOTICONS: dict[str, int] = {
    ":)": 2,
    ":-)": 2,
    ":D": 2,
    ";)": 1,
    "<3": 2,
    ":(": -2,
    ":-(": -2,
    ":'(": -3,
    ">:(": -3,
    ":/": -1,
}
"""A few characters to their weight."""
