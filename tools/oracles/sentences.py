"""Composes varied sentences from templates, always the same ones.

As a module: golden() gives the 500 sentences of the golden embeddings, calibration() the 200 of tools/demo-data/sentences.txt.
The two share no template and no list of words. As a script: writes the file of calibration sentences.
"""

import itertools
import pathlib
import random
import re


def fill(random_, templates, words, count):
    """`count` different sentences: {name} in a template becomes one of words[name], {n} a number."""
    made = {}
    for turn in itertools.count():
        if len(made) == count:
            return list(made)
        template = templates[turn % len(templates)]

        def replace(match):
            name = match.group(1)
            if name == "n":
                return str(random_.choice([2, 3, 5, 7, 12, 40, 75, 128, 360, 1999, 2024, 10500]))
            return random_.choice(words[name])

        made.setdefault(re.sub(r"\{(\w+)\}", replace, template), None)


GOLDEN_WORDS = {
    "animal": ["cat", "grey heron", "labrador puppy", "tortoise", "donkey", "barn owl", "wild boar", "goldfish"],
    "place": ["the harbour", "a crowded market", "the old library", "a railway station", "the mountain pass", "our kitchen", "the museum"],
    "person": ["my grandmother", "the plumber", "a young violinist", "the mayor", "Dr. Okafor", "her brother", "the night nurse"],
    "thing": ["bicycle", "washing machine", "password", "passport", "laptop", "window", "tax form", "telescope"],
    "city": ["Lisbon", "Osaka", "Nairobi", "Toronto", "Gdansk", "Lima", "Helsinki", "Mumbai"],
    "topic": ["inflation", "coral reefs", "black holes", "jazz", "vaccines", "volcanoes", "chess openings", "Roman law", "neural networks"],
    "company": ["a battery maker", "the airline", "a regional bank", "the car company", "a software start-up"],
    "food": ["lentils", "salmon", "mushrooms", "sweet potatoes", "rye bread", "chickpeas", "goat cheese", "plums"],
    "spice": ["cumin", "smoked paprika", "fresh basil", "ginger", "nutmeg", "lemon zest"],
    "verb": ["repair", "clean", "sell", "paint", "return", "insure", "replace", "borrow"],
    "feeling": ["wonderful", "boring", "terrible", "surprisingly good", "far too long", "moving", "not worth the money"],
    "sport": ["football", "tennis", "rowing", "cycling", "table tennis", "ice hockey", "long-distance running"],
    "illness": ["migraine", "bronchitis", "a sprained ankle", "high blood pressure", "hay fever", "anaemia"],
    "weather": ["heavy rain", "thick fog", "a heat wave", "freezing wind", "bright sunshine", "a thunderstorm"],
    "name": ["total", "index", "buffer", "user_id", "maxRetries", "weights", "path", "queue"],
    "function": ["parse", "load_image", "sendRequest", "quantize", "mergeSort", "open", "normalize"],
}

GOLDEN_TEMPLATES = {
    "questions": (60, [
        "How do I {verb} a {thing}?",
        "What time does the last train to {city} leave?",
        "Why does {weather} make {person} so tired?",
        "Is it safe to feed {food} to a {animal}?",
        "Can you explain {topic} to a child?",
        "Where can I {verb} my {thing} in {city}?",
        "Who won the {sport} final in {city} last night?",
        "how long should i cook {food} with {spice}",
        "What are the first signs of {illness}?",
        "Did {person} really leave the {thing} at {place}?",
    ]),
    "statements": (60, [
        "A {animal} was asleep near {place}.",
        "{person} bought a {thing} and gave it away the same day.",
        "Two children were playing {sport} at {place} despite {weather}.",
        "The {animal} followed {person} all the way to {place}.",
        "There is nothing left to say about {topic}.",
        "I have never been to {city}, but {person} talks about it constantly.",
        "Because of {weather}, nobody could see the {thing}.",
        "She learned {sport} before she could read.",
        "The {thing} that {person} wanted to {verb} had been stolen.",
        "He sat in {place} and thought about {topic}.",
    ]),
    "news": (60, [
        "Shares of {company} fell {n} percent after a warning about {topic}.",
        "{city} closes its airport for {n} hours because of {weather}.",
        "Researchers in {city} publish new findings about {topic}, surprising many experts.",
        "{company} will cut {n} jobs, according to a statement released on Tuesday.",
        "The mayor of {city} announced a plan to {verb} {n} public buildings.",
        "{sport}: the team from {city} reaches the final for the first time in {n} years",
        "Police found {n} stolen paintings behind {place}, officials said.",
        "Central bank keeps interest rates unchanged as {topic} remains the main concern.",
    ]),
    "recipes": (40, [
        "Roast the {food} with {spice} for {n} minutes, then let everything rest.",
        "Stir {n} g of flour into the warm milk, add {spice} and fold in the {food}.",
        "For the sauce, simmer chopped {food}, garlic and {spice} over a low heat.",
        "Serve the {food} cold with a spoon of yoghurt and plenty of {spice}.",
        "Soak the {food} overnight; drain, rinse and boil with a pinch of {spice}.",
    ]),
    "reviews": (40, [
        "The film about {topic} was {feeling}, and the ending made me laugh.",
        "This {thing} broke after {n} days and nobody answers my emails. I want my money back.",
        "Our hotel in {city} was {feeling}; breakfast came with {food} every single day.",
        "Five stars! {person} loved the {thing}, and delivery took only {n} hours.",
        "I expected more from a book on {topic}. Honestly, {feeling}.",
    ]),
    "medicine": (20, [
        "The patient was diagnosed with {illness} and advised to avoid {food}.",
        "After {n} days of treatment the symptoms of {illness} had disappeared completely.",
        "{illness} is more common in winter, especially during {weather}.",
        "Take one tablet every {n} hours unless you suffer from {illness}.",
    ]),
    "code": (40, [
        "def {function}({name}): return {name} + {n}",
        "for (int i = 0; i < {n}; i++) {{ {name}[i] = {function}(i); }}",
        "let {name} = try await {function}(from: {name}, limit: {n})",
        "SELECT {name}, COUNT(*) FROM orders WHERE {name} > {n} GROUP BY {name};",
        "error: cannot convert value of type '{name}' to expected argument type 'Int' in call to {function}",
        "git commit -m \"Fix {function} when {name} is empty\"",
        "if {name} is None: raise ValueError(f\"bad {name}: {{{name}!r}}\")",
        "curl -X POST http://localhost:{n}/{function} -d '{{\"{name}\": {n}}}'",
    ]),
    "numbers": (30, [
        "{n} + {n} = {n}",
        "Invoice {n}-{n}: {n} items, total 1,{n}.50 EUR, due in {n} days.",
        "The temperature rose from -{n} to {n} degrees within {n} minutes.",
        "Call +41 44 {n} {n} or write to box {n}.",
        "pi is about 3.14159, e about 2.71828, and {n} is neither",
        "{n}% of {n} km is less than {n} miles",
    ]),
}

GOLDEN_FIXED = """
Die Katze schläft auf dem warmen Ofen.|Wann fährt der nächste Zug nach München ab?|Wir haben gestern Abend zu viel Käse gegessen.
Das Gericht wies die Klage des Unternehmens ab.|Le chat dort sur le canapé.|Où se trouve la bibliothèque municipale ?
Les prix de l'énergie ont encore augmenté cette année.|Elle a appris à jouer du violon à six ans.|El gato duerme en el sofá.
¿Cuánto cuesta un billete a Sevilla?|El equipo perdió el partido en el último minuto.|Mi abuela prepara la mejor sopa del mundo.
Il gatto dorme sul divano.|A che ora chiude il museo?|La riunione è stata rinviata a giovedì.|O gato está a dormir no sofá.
Quanto tempo demora a viagem até ao Porto?|As ações da empresa caíram cinco por cento.|De kat slaapt op de bank.
Hoe laat begint de voorstelling vanavond?|Katten sover på soffan.|När går sista tåget till Göteborg?|Kissa nukkuu sohvalla.
Kot śpi na kanapie.|O której odjeżdża pociąg do Gdańska?|Kočka spí na pohovce.|A macska a kanapén alszik.|Kedi kanepede uyuyor.
Tren saat kaçta kalkıyor?|Pisica doarme pe canapea.|Кошка спит на диване.|Когда отходит поезд в Москву?|Цены на нефть снова выросли.
Котка спить на дивані.|Η γάτα κοιμάται στον καναπέ.|Πού είναι ο σταθμός;|القطة نائمة على الأريكة|متى يغادر القطار؟|החתול ישן על הספה
बिल्ली सोफे पर सो रही है।|ट्रेन कब निकलती है?|猫在沙发上睡觉。|火车几点开？|今年的大米价格上涨了。|猫がソファーで寝ています。|電車は何時に出ますか。
고양이가 소파에서 자고 있다.|기차는 몇 시에 떠나요?|Con mèo đang ngủ trên ghế.|Paka amelala kwenye kochi.|แมวนอนบนโซฟา
yes|No|why|Hello!|cat|Photosynthesis|antidisestablishmentarianism|??|...|42|3.14|OK.|ZÜRICH|naïve|jalapeño|x|A|the|and|music|Thanks
goalkeeper|mortgage|Wednesday|blue|run|database|mitochondria|Shakespeare|grandmother|zzzzzz|lol|brb|#sunset|@friend|C++|e-mail
😀|🐱 asleep on 🛋️|I ❤️ this song 🎵🎵🎵|see https://example.org/a?b=1&c=2 for details|WHY ARE YOU SHOUTING AT ME|sooooo goooood!!!
to be, or not to be|supercalifragilisticexpialidocious words are hard to split|tEsT oF mIxEd CaSe|one, two; three: four - five (six) [seven]
"Quoted," she said, 'twice'.|50°C ≈ 122°F|½ cup of sugar, ¼ tsp of salt|E = m·c²|∑ᵢ xᵢ² ≥ 0 for all real x
a/b\\c|foo_bar-baz.qux|~/.config/app.toml
"""


def golden():
    """500 sentences: 350 from templates, short and foreign ones, and long paragraphs."""
    random_ = random.Random(500)
    made = []
    for kind, (count, templates) in GOLDEN_TEMPLATES.items():
        texts = fill(random_, templates, GOLDEN_WORDS, count)
        made += texts if kind == "code" else [text[0].upper() + text[1:] for text in texts]
    fixed = [text for line in GOLDEN_FIXED.strip().split("\n") for text in line.split("|")]
    sentences = [text.replace("{{", "{").replace("}}", "}") for text in made] + fixed
    prose = [text for text in made if text.endswith((".", "?", "!"))]
    while len(sentences) < 500:
        sentences.append(" ".join(random_.sample(prose, random_.randint(4, 16))))
    assert len(sentences) == 500 and len(set(sentences)) == 500, len(sentences)
    return sentences


CALIBRATION_WORDS = {
    "noun": ["lighthouse", "sparrow", "guitar", "engine", "orchard", "umbrella", "camera",
             "bakery", "river", "teacher", "satellite", "carpet"],
    "adjective": ["broken", "ancient", "noisy", "gentle", "expensive", "tiny", "frozen", "honest", "bright", "unknown"],
    "action": ["sings", "waits", "collapses", "grows", "shines", "disappears", "works", "melts", "arrives", "fails"],
    "subject": ["biology", "accounting", "football tactics", "poetry", "climate policy", "gardening", "electronics", "history"],
    "country": ["Norway", "Brazil", "Kenya", "Vietnam", "Canada", "Portugal", "Egypt", "Ireland"],
    "dish": ["tomato soup", "apple pie", "fried rice", "pancakes", "vegetable stew", "roast chicken"],
    "job": ["engineer", "farmer", "judge", "pilot", "painter", "pharmacist", "student"],
    "key": ["timeout", "result", "count", "filename", "matrix", "token"],
}

CALIBRATION_TEMPLATES = [
    "The {adjective} {noun} {action} behind the {noun}.",
    "Which {noun} would a {job} from {country} choose?",
    "Yesterday a {job} in {country} reported {n} {adjective} incidents.",
    "{subject}",
    "My {adjective} {noun} never {action} before noon, and that is fine with me.",
    "{dish} for {n} people: chop, season, stir and wait {n} minutes.",
    "return {key} if {key} > {n} else None  # {subject}",
    "A course on {subject} costs {n} dollars in {country}, which is more than most students can pay.",
    "please tell the {job} that the {noun} {action} again!!",
    "Exports from {country} rose by {n}% in the second quarter, driven by demand for every kind of {noun}.",
    "{n}.{n} {key}={n}; {key}={n}",
    "I tried the {dish} in {country}: {adjective}, and I would order it again.",
    "When the {noun} {action}, the {job} opens an umbrella, writes a letter about {subject}, and goes home to cook {dish} for {n} guests.",
    "is {subject} hard to learn",
    "{noun}",
    "The {job}, who had studied {subject} in {country}, said that an {adjective} {noun} is worth {n} good ones.",
]

CALIBRATION_FIXED = """
Der alte Leuchtturm wird nächstes Jahr renoviert.|La lumière du phare éclaire la baie.|La panadería abre a las siete de la mañana.
Il fiume attraversa tutta la città.|O professor chegou atrasado outra vez.|Старый маяк закрыт на ремонт.|灯塔明年翻修。|灯台は来年改修されます。
등대는 내년에 수리됩니다.|المنارة مغلقة للإصلاح|मछुआरा नाव में बैठा है।|Fyren renoveras nästa år.|Latarnia morska jest zamknięta.|Ok|!|2031|?!
printf("%d\\n", value);|🎸🔥|HTTP/1.1 404 Not Found|Q: why? A: because.|UPPER CASE HEADLINE ABOUT NOTHING|<div class="box">text</div>
"""


def calibration():
    """200 sentences: 160 from templates, short and foreign ones, and paragraphs."""
    random_ = random.Random(200)
    made = fill(random_, CALIBRATION_TEMPLATES, CALIBRATION_WORDS, 160)
    sentences = made + [text for line in CALIBRATION_FIXED.strip().split("\n") for text in line.split("|")]
    while len(sentences) < 200:
        sentences.append(" ".join(random_.sample(made, random_.randint(3, 14))))
    assert len(sentences) == 200 and len(set(sentences)) == 200, len(sentences)
    return sentences


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parents[1] / "demo-data"
    folder.mkdir(exist_ok=True)
    (folder / "sentences.txt").write_text("\n".join(calibration()) + "\n", encoding="utf-8")
