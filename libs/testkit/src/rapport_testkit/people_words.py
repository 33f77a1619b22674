"""The words that made-up people consist of: names, places, firms and jobs, Persian and Latin; it holds no rule."""

from __future__ import annotations

from typing import Final, NamedTuple


class Place(NamedTuple):
    """A city with its province and country as somebody would type them."""

    city: str
    province: str
    country: str
    region: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split("|"))


FIRST_FA: Final = _words(
    "علی رضا محمد حسین مهدی امیر سعید حمید مجید فرهاد بهرام کاوه آرش سیاوش کیان پیمان نیما بابک داریوش "
    "کوروش شهرام فرید جواد مصطفی یوسف یاسر کامران کریم هادی وحید مریم زهرا فاطمه سارا نرگس لیلا شیرین "
    "نازنین پریسا مینا مهسا الهام سمیرا رویا آزاده نیلوفر یاسمن کیمیا ژاله شقایق پگاه گلناز مهناز فرشته "
    "ثریا هستی ترانه بهار نگار سپیده علی‌رضا محمدرضا امیرحسین محمدعلی فاطمه‌زهرا غلام‌حسین"
)
FIRST_FA_LATIN: Final = _words(
    "Ali Reza Mohammad Hossein Mehdi Amir Saeed Hamid Majid Farhad Bahram Kaveh Arash Siavash Kian Peyman "
    "Nima Babak Dariush Kourosh Shahram Farid Javad Mostafa Yousef Yaser Kamran Karim Hadi Vahid Maryam "
    "Zahra Fatemeh Sara Narges Leila Shirin Nazanin Parisa Mina Mahsa Elham Samira Roya Azadeh Niloufar "
    "Yasaman Kimia Jaleh Negar Bahar Sepideh"
)
LAST_FA_STEMS: Final = _words(
    "احمد محمد کریم رحیم حسین حسن قاسم جعفر صادق کاظم موسو رضا اکبر اصغر ابراهیم اسماعیل یوسف داوود سلیم "
    "نعیم شریف لطیف امین فرهاد بهرام شیراز تهران تبریز اصفهان کرمان کاشان گیلان یزد همدان شهریار بهمن "
    "خسرو فرید مراد نظر"
)
LAST_FA_ENDINGS: Final = ("ی", "زاده", "‌پور", "‌نژاد", "یان", "‌خواه", "ی تبار", "ی‌فر")
LAST_FA_LATIN: Final = _words(
    "Ahmadi Mohammadi Karimi Rahimi Hosseini Hassani Ghasemi Jafari Sadeghi Kazemi Mousavi Rezaei Akbari "
    "Asghari Ebrahimi Esmaeili Yousefzadeh Davoudi Salimi Naeimi Sharifi Latifi Amini Bahrami Shirazi "
    "Tehrani Tabrizi Kermani Kashani Gilani Yazdi Hamedani Moradi Nazari Farhadpour Khosravi Bahmanyar "
    "Soltani Zamani Taheri Nouri Ghorbani"
)
FIRST: Final = {
    "US": _words(
        "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan "
        "Joseph Jessica Thomas Karen Carlos Sofía José Ana Tyler Madison Ethan Olivia Noah Ava Liam Zoë Chloé "
        "Renée André Raúl"
    ),
    "GB": _words(
        "Oliver Amelia George Isla Harry Poppy Jack Freya Alfie Evie Archie Florence Rhys Cerys Callum Eilidh "
        "Hamish Siobhán Niamh Conor Priya Arjun Imran Aisha Olumide Ngozi Graham Hazel Nigel Maureen"
    ),
    "DE": _words(
        "Lukas Emma Leon Mia Finn Hannah Jonas Lena Paul Marie Jürgen Käthe Günther Bärbel Björn Anneliese "
        "Wolfgang Heike Uwe Sabine Torsten Ulrike Sören Jörg Mehmet Ayşe Emre Zeynep Krzysztof Łukasz "
        "Agnieszka François"
    ),
}
LAST: Final = {
    "US": _words(
        "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernández López Wilson "
        "Anderson Taylor Moore Jackson Martin Lee Pérez Thompson White Harris Sánchez Clark Ramírez Lewis "
        "Walker Young Nguyen O'Brien McDonald St.John Peña Muñoz Kowalski Schroeder Yamamoto Kim Patel"
    ),
    "GB": _words(
        "Davies Evans Roberts Wright Thompson Hughes Edwards Green Wood Clarke Hall Jackson Turner Hill "
        "Cooper Ward Morris Moore MacLeod Fraser Campbell O'Connor Byrne Llewellyn Pritchard Singh Begum "
        "Okafor Adeyemi Khan Featherstonehaugh Ashworth Whitby Blackwood Sutherland"
    ),
    "DE": _words(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer "
        "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner "
        "Krause Lehmann Köhler Größer Weiß Yıldız Kaya Öztürk Nowak Wójcik Lefèvre"
    ),
}
PLACES_FA: Final = tuple(
    Place(city, province, "ایران", "IR")
    for city, province in (
        ("تهران", "تهران"), ("کرج", "البرز"), ("اصفهان", "اصفهان"), ("شیراز", "فارس"), ("تبریز", "آذربایجان شرقی"),
        ("مشهد", "خراسان رضوی"), ("اهواز", "خوزستان"), ("رشت", "گیلان"), ("یزد", "یزد"), ("کرمان", "کرمان"),
        ("قم", "قم"), ("همدان", "همدان"), ("ارومیه", "آذربایجان غربی"), ("ساری", "مازندران"), ("بندرعباس", "هرمزگان"),
    )
)  # fmt: skip
PLACES_FA_LATIN: Final = tuple(
    Place(city, province, "Iran", "IR")
    for city, province in (
        ("Tehran", "Tehran"), ("Karaj", "Alborz"), ("Isfahan", "Isfahan"), ("Shiraz", "Fars"), ("Tabriz", "East Azerbaijan"),
        ("Mashhad", "Razavi Khorasan"), ("Ahvaz", "Khuzestan"), ("Rasht", "Gilan"), ("Yazd", "Yazd"),
    )
)  # fmt: skip
PLACES: Final = {
    "US": tuple(
        Place(city, state, "United States", "US")
        for city, state in (
            ("New York", "NY"), ("Los Angeles", "CA"), ("Chicago", "IL"), ("Houston", "TX"), ("Phoenix", "AZ"),
            ("San José", "CA"), ("Portland", "OR"), ("Portland", "ME"), ("St. Louis", "MO"), ("Boston", "MA"),
        )
    ),
    "GB": tuple(
        Place(city, county, "United Kingdom", "GB")
        for city, county in (
            ("London", "Greater London"), ("Manchester", "Greater Manchester"), ("Leeds", "West Yorkshire"),
            ("Glasgow", "Glasgow City"), ("Cardiff", "Cardiff"), ("Belfast", "Antrim"), ("York", "North Yorkshire"),
        )
    ),
    "DE": tuple(
        Place(city, land, "Germany", "DE")
        for city, land in (
            ("Berlin", "Berlin"), ("Hamburg", "Hamburg"), ("München", "Bayern"), ("Köln", "Nordrhein-Westfalen"),
            ("Düsseldorf", "Nordrhein-Westfalen"), ("Nürnberg", "Bayern"), ("Leipzig", "Sachsen"),
            ("Lübeck", "Schleswig-Holstein"),
        )
    ),
}  # fmt: skip
FIRMS_FA: Final = _phrases(
    "شرکت پیشرو صنعت | گروه بازرگانی آریا | فروشگاه بهار | کارخانه نور | مهندسین مشاور پارس | پخش البرز | "
    "نشر دماوند | داده‌پردازی سپهر | صنایع غذایی گلستان | کلینیک مهر"
)
FIRMS: Final = _phrases(
    "Northwind Tools | Blue Harbor Foods | Acorn & Sons | Fjord Logistics | Papier Müller GmbH | Old Mill "
    "Bakery | Copper Lane Design | Vista Dental | Quay Street Motors | Lindenhof AG | Redwood Clinics | "
    "Sagebrush Energy | Tidewater Law LLP | Zeppelin Optik"
)
FIRM_SUFFIXES: Final = ("", "", "", " Group", " Ltd", " International", " & Partners", " 2000")
JOBS_FA: Final = ["مدیر فروش", "کارشناس", "مدیرعامل", "حسابدار", "مهندس", "پزشک", "مسئول خرید", "بازاریاب"]
JOBS: Final = _phrases(
    "Sales manager | Owner | Accountant | Engineer | Buyer | CEO | Office manager | Consultant | Nurse | Driver"
)
NOTES: Final = _phrases(
    "Met at the fair | Prefers to be called in the morning | Asked for the new catalogue | Pays late | "
    "Old customer since 2009 | Recommended by a neighbour | مشتری قدیمی | بعد از ظهر تماس بگیرید | "
    "کاتالوگ جدید را می‌خواهد | Line one; line two | =SUM(1;2)"
)
MAIL_HOSTS: Final = (
    "gmail.com", "yahoo.com", "outlook.com", "example.org", "mail.example.com", "chmail.ir", "web.de", "btinternet.com",
)  # fmt: skip
