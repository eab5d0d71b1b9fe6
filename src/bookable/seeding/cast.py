"""Twelve celebrities that nobody ever met: invented, three to a category, all over the world."""

from dataclasses import dataclass

__all__ = ["CAST", "COMMENTS", "FANS", "Star"]


@dataclass(frozen=True, slots=True)
class Star:
    """Who they are, where, and what a quarter, a half and a whole hour with them costs, in minor units."""

    username: str
    name: str
    category: str
    location: str
    zone: str
    prices: tuple[int, int, int]
    bio: str
    featured: bool = False


CAST = (
    Star(
        "vesna.calloway",
        "Vesna Calloway",
        "Hollywood",
        "Los Angeles, USA",
        "America/Los_Angeles",
        (15_000, 28_000, 50_000),
        "Lead of the space saga “Lantern Tide” and of two seasons of “The Quiet Harbour”. Talks about stunts, stage"
        " fright and sourdough, and reads lines with anyone who brings a scene.",
        featured=True,
    ),
    Star(
        "tobias.marrowick",
        "Tobias Marrowick",
        "Hollywood",
        "London, UK",
        "Europe/London",
        (12_000, 22_000, 40_000),
        "Director of small films about large silences. Winner of the Silver Heron for “Salt Letters”. Looks at short"
        " films and says what he would cut.",
    ),
    Star(
        "imani.thornquist",
        "Imani Thornquist",
        "Hollywood",
        "Toronto, Canada",
        "America/Toronto",
        (9_000, 17_000, 30_000),
        "Voice of Captain Pepper and forty other animated characters. Teaches voices, breathing and how to survive"
        " auditions.",
        featured=True,
    ),
    Star(
        "luca.ferrantine",
        "Luca Ferrantine",
        "Musicians",
        "Milan, Italy",
        "Europe/Rome",
        (8_000, 15_000, 27_000),
        "Pianist and composer; wrote the score that everybody hums and nobody can name. Listens to demos and plays"
        " requests on a piano older than recording.",
        featured=True,
    ),
    Star(
        "odessa.quill",
        "Odessa Quill",
        "Musicians",
        "Nashville, USA",
        "America/Chicago",
        (11_000, 20_000, 36_000),
        "Singer and songwriter with a suitcase full of borrowed guitars. Co-writes a verse with you, or tells how the"
        " last record was made in a barn.",
    ),
    Star(
        "haru.minamoto-vale",
        "Haru Minamoto-Vale",
        "Musicians",
        "Kyoto, Japan",
        "Asia/Tokyo",
        (7_000, 13_000, 24_000),
        "Drummer of the trio Paper Comet. Breaks any rhythm down until you can clap it, and has opinions about rice"
        " cookers.",
    ),
    Star(
        "nkem.adaralegbe",
        "Nkem Adaralegbe",
        "Athletes",
        "Lagos, Nigeria",
        "Africa/Lagos",
        (6_000, 11_000, 20_000),
        "Sprinter, twice champion over 400 metres hurdles. Plans training weeks with runners of any pace and laughs"
        " about false starts.",
        featured=True,
    ),
    Star(
        "mateo.salvalund",
        "Mateo Salvalund",
        "Athletes",
        "Bariloche, Argentina",
        "America/Argentina/Buenos_Aires",
        (5_000, 9_000, 16_000),
        "Climber who opened eleven routes in Patagonia. Talks about fear, knots and how to turn round in time.",
    ),
    Star(
        "freya.stormgard",
        "Freya Stormgård",
        "Athletes",
        "Oslo, Norway",
        "Europe/Oslo",
        (10_000, 18_000, 32_000),
        "Goalkeeper of the national handball team for nine years. On reflexes, leadership and losing finals well.",
    ),
    Star(
        "priya.dorsetti",
        "Priya Dorsetti",
        "Business",
        "Mumbai, India",
        "Asia/Kolkata",
        (20_000, 38_000, 70_000),
        "Founder of Lamplight, which brought solar lamps to two million homes. Reads pitches, asks the one question"
        " that investors will, and answers it with you.",
        featured=True,
    ),
    Star(
        "anselm.brockhurst-oye",
        "Anselm Brockhurst-Oye",
        "Business",
        "Berlin, Germany",
        "Europe/Berlin",
        (18_000, 34_000, 60_000),
        "Turned a failing bicycle works into the largest maker of cargo bikes in Europe. On factories, unions and"
        " prices.",
    ),
    Star(
        "colette.vantongel",
        "Colette Vantongel",
        "Business",
        "Sydney, Australia",
        "Australia/Sydney",
        (14_000, 26_000, 48_000),
        "Restaurateur with one star, four bakeries and a school for cooks. Talks menus, margins and the courage to"
        " close on Mondays.",
    ),
)

FANS = (
    ("ines", "Inês", "Valadares"),
    ("jonas", "Jonas", "Ekelund"),
    ("mira", "Mira", "Castellanos"),
    ("oluchi", "Oluchi", "Brandt"),
    ("pavel", "Pavel", "Hruska"),
    ("sasha", "Sasha", "Whitlock"),
)
"""Those who have met them already: the local part of an address, first and last name."""

COMMENTS = (
    (5, "Better than a concert", "Warm, attentive and very funny. The time flew."),
    (5, "Worth every minute", "Came prepared, remembered my name and my question."),
    (4, "Lovely", "Started three minutes late, and stayed five longer."),
    (5, "I learned more than in a year", "Concrete advice, kindly given."),
    (3, "Good, if a little hurried", "Nice talk, but I would take the longer meeting next time."),
    (5, "A gift for my father", "He has told everybody about it since."),
    (4, "Down to earth", "No airs at all. The picture froze once, the talk didn't."),
    (5, "Just go", None),
    (4, "Kind and honest", "Told me the truth about my demo, and how to fix it."),
)
"""Stars, a title, and what else there was to say."""
