"""Names of countries as spreadsheets write them, English and Persian, to ISO 3166-1 regions; it guesses none."""

from __future__ import annotations

from typing import Final

from .text import words

# Region, alpha-3, then names: English, other common spellings, Persian.
_COUNTRIES: Final = """
AF AFG|Afghanistan|افغانستان
AX ALA|Åland Islands|Åland|جزایر آلند
AL ALB|Albania|آلبانی
DZ DZA|Algeria|الجزایر
AS ASM|American Samoa|ساموآی آمریکا
AD AND|Andorra|آندورا
AO AGO|Angola|آنگولا
AI AIA|Anguilla|آنگویلا
AQ ATA|Antarctica|جنوبگان
AG ATG|Antigua and Barbuda|Antigua & Barbuda|آنتیگوا و باربودا
AR ARG|Argentina|آرژانتین
AM ARM|Armenia|ارمنستان
AW ABW|Aruba|آروبا
AU AUS|Australia|استرالیا
AT AUT|Austria|Österreich|اتریش
AZ AZE|Azerbaijan|آذربایجان|جمهوری آذربایجان
BS BHS|Bahamas|باهاما
BH BHR|Bahrain|بحرین
BD BGD|Bangladesh|بنگلادش
BB BRB|Barbados|باربادوس
BY BLR|Belarus|بلاروس|روسیه سفید
BE BEL|Belgium|België|Belgique|بلژیک
BZ BLZ|Belize|بلیز
BJ BEN|Benin|بنین
BM BMU|Bermuda|برمودا
BT BTN|Bhutan|بوتان
BO BOL|Bolivia|Plurinational State of Bolivia|بولیوی
BQ BES|Caribbean Netherlands|Bonaire|Bonaire, Sint Eustatius and Saba
BA BIH|Bosnia and Herzegovina|Bosnia & Herzegovina|Bosnia|بوسنی و هرزگوین|بوسنی
BW BWA|Botswana|بوتسوانا
BV BVT|Bouvet Island
BR BRA|Brazil|Brasil|برزیل
IO IOT|British Indian Ocean Territory
BN BRN|Brunei|Brunei Darussalam|برونئی
BG BGR|Bulgaria|بلغارستان
BF BFA|Burkina Faso|بورکینافاسو
BI BDI|Burundi|بوروندی
KH KHM|Cambodia|کامبوج
CM CMR|Cameroon|کامرون
CA CAN|Canada|کانادا
CV CPV|Cape Verde|Cabo Verde|کیپ ورد
KY CYM|Cayman Islands|جزایر کیمن
CF CAF|Central African Republic|جمهوری آفریقای مرکزی
TD TCD|Chad|چاد
CL CHL|Chile|شیلی
CN CHN|China|People's Republic of China|PRC|چین
CX CXR|Christmas Island|جزیره کریسمس
CC CCK|Cocos (Keeling) Islands|Cocos Islands
CO COL|Colombia|کلمبیا
KM COM|Comoros|کومور
CG COG|Congo|Republic of the Congo|Congo-Brazzaville|کنگو
CD COD|Democratic Republic of the Congo|Congo, Democratic Republic of the|DR Congo|DRC
CD COD|Congo-Kinshasa|جمهوری دموکراتیک کنگو
CK COK|Cook Islands|جزایر کوک
CR CRI|Costa Rica|کاستاریکا
CI CIV|Ivory Coast|Côte d'Ivoire|ساحل عاج
HR HRV|Croatia|Hrvatska|کرواسی
CU CUB|Cuba|کوبا
CW CUW|Curaçao|کوراسائو
CY CYP|Cyprus|قبرس
CZ CZE|Czech Republic|Czechia|Česko|چک|جمهوری چک
DK DNK|Denmark|Danmark|دانمارک
DJ DJI|Djibouti|جیبوتی
DM DMA|Dominica|دومینیکا
DO DOM|Dominican Republic|جمهوری دومینیکن
EC ECU|Ecuador|اکوادور
EG EGY|Egypt|مصر
SV SLV|El Salvador|السالوادور
GQ GNQ|Equatorial Guinea|گینه استوایی
ER ERI|Eritrea|اریتره
EE EST|Estonia|Eesti|استونی
SZ SWZ|Eswatini|Swaziland|اسواتینی|سوازیلند
ET ETH|Ethiopia|اتیوپی
FK FLK|Falkland Islands|Falkland Islands (Malvinas)|جزایر فالکلند
FO FRO|Faroe Islands|جزایر فارو
FJ FJI|Fiji|فیجی
FI FIN|Finland|Suomi|فنلاند
FR FRA|France|فرانسه
GF GUF|French Guiana|گویان فرانسه
PF PYF|French Polynesia|پلی‌نزی فرانسه
TF ATF|French Southern Territories
GA GAB|Gabon|گابن
GM GMB|Gambia|گامبیا
GE GEO|Georgia|گرجستان
DE DEU|Germany|Deutschland|Federal Republic of Germany|FRG|آلمان
GH GHA|Ghana|غنا
GI GIB|Gibraltar|جبل طارق
GR GRC|Greece|Hellas|یونان
GL GRL|Greenland|گرینلند
GD GRD|Grenada|گرنادا
GP GLP|Guadeloupe|گوادلوپ
GU GUM|Guam|گوام
GT GTM|Guatemala|گواتمالا
GG GGY|Guernsey|گرنزی
GN GIN|Guinea|گینه
GW GNB|Guinea-Bissau|گینه بیسائو
GY GUY|Guyana|گویان
HT HTI|Haiti|هائیتی
HM HMD|Heard Island and McDonald Islands
HN HND|Honduras|هندوراس
HK HKG|Hong Kong|Hong Kong SAR China|هنگ کنگ
HU HUN|Hungary|Magyarország|مجارستان
IS ISL|Iceland|ایسلند
IN IND|India|Bharat|هند|هندوستان
ID IDN|Indonesia|اندونزی
IR IRN|Iran|Iran, Islamic Republic of|Islamic Republic of Iran|I.R. Iran|Persia|ایران|جمهوری اسلامی ایران
IQ IRQ|Iraq|عراق
IE IRL|Ireland|Republic of Ireland|Éire|ایرلند
IM IMN|Isle of Man|جزیره من
IL ISR|Israel|اسرائیل
IT ITA|Italy|Italia|ایتالیا
JM JAM|Jamaica|جامائیکا
JP JPN|Japan|ژاپن
JE JEY|Jersey|جرزی
JO JOR|Jordan|اردن
KZ KAZ|Kazakhstan|قزاقستان
KE KEN|Kenya|کنیا
KI KIR|Kiribati|کیریباتی
KP PRK|North Korea|Korea, Democratic People's Republic of|DPRK|کره شمالی
KR KOR|South Korea|Korea, Republic of|Republic of Korea|Korea|کره جنوبی|کره
XK XKX|Kosovo|کوزوو
KW KWT|Kuwait|کویت
KG KGZ|Kyrgyzstan|قرقیزستان
LA LAO|Laos|Lao People's Democratic Republic|لائوس
LV LVA|Latvia|لتونی
LB LBN|Lebanon|لبنان
LS LSO|Lesotho|لسوتو
LR LBR|Liberia|لیبریا
LY LBY|Libya|لیبی
LI LIE|Liechtenstein|لیختن‌اشتاین
LT LTU|Lithuania|لیتوانی
LU LUX|Luxembourg|لوکزامبورگ
MO MAC|Macau|Macao|ماکائو
MK MKD|North Macedonia|Macedonia|مقدونیه|مقدونیه شمالی
MG MDG|Madagascar|ماداگاسکار
MW MWI|Malawi|مالاوی
MY MYS|Malaysia|مالزی
MV MDV|Maldives|مالدیو
ML MLI|Mali|مالی
MT MLT|Malta|مالت
MH MHL|Marshall Islands|جزایر مارشال
MQ MTQ|Martinique|مارتینیک
MR MRT|Mauritania|موریتانی
MU MUS|Mauritius|موریس
YT MYT|Mayotte|مایوت
MX MEX|Mexico|México|مکزیک
FM FSM|Micronesia|Federated States of Micronesia|میکرونزی
MD MDA|Moldova|Republic of Moldova|مولداوی
MC MCO|Monaco|موناکو
MN MNG|Mongolia|مغولستان
ME MNE|Montenegro|مونته‌نگرو
MS MSR|Montserrat|مونتسرات
MA MAR|Morocco|مراکش|مغرب
MZ MOZ|Mozambique|موزامبیک
MM MMR|Myanmar|Burma|میانمار|برمه
NA NAM|Namibia|نامیبیا
NR NRU|Nauru|نائورو
NP NPL|Nepal|نپال
NL NLD|Netherlands|Holland|Nederland|هلند
NC NCL|New Caledonia|کالدونیای جدید
NZ NZL|New Zealand|نیوزیلند|زلاند نو
NI NIC|Nicaragua|نیکاراگوئه
NE NER|Niger|نیجر
NG NGA|Nigeria|نیجریه
NU NIU|Niue|نیوئه
NF NFK|Norfolk Island|جزیره نورفک
MP MNP|Northern Mariana Islands|جزایر ماریانای شمالی
NO NOR|Norway|Norge|نروژ
OM OMN|Oman|عمان
PK PAK|Pakistan|پاکستان
PW PLW|Palau|پالائو
PS PSE|Palestine|State of Palestine|Palestinian Territories|Palestine, State of|فلسطین
PA PAN|Panama|پاناما
PG PNG|Papua New Guinea|پاپوآ گینه نو
PY PRY|Paraguay|پاراگوئه
PE PER|Peru|Perú|پرو
PH PHL|Philippines|فیلیپین
PN PCN|Pitcairn Islands|Pitcairn
PL POL|Poland|Polska|لهستان
PT PRT|Portugal|پرتغال
PR PRI|Puerto Rico|پورتوریکو
QA QAT|Qatar|قطر
RE REU|Réunion|رئونیون
RO ROU|Romania|România|رومانی
RU RUS|Russia|Russian Federation|روسیه
RW RWA|Rwanda|رواندا
BL BLM|Saint Barthélemy|St. Barthélemy
SH SHN|Saint Helena|St. Helena|سنت هلن
KN KNA|Saint Kitts and Nevis|St. Kitts & Nevis|سنت کیتس و نویس
LC LCA|Saint Lucia|St. Lucia|سنت لوسیا
MF MAF|Saint Martin|St. Martin
PM SPM|Saint Pierre and Miquelon|St. Pierre & Miquelon
VC VCT|Saint Vincent and the Grenadines|St. Vincent & Grenadines|سنت وینسنت و گرنادین
WS WSM|Samoa|ساموآ
SM SMR|San Marino|سان مارینو
ST STP|São Tomé and Príncipe|São Tomé & Príncipe|سائوتومه و پرینسیپ
SA SAU|Saudi Arabia|Kingdom of Saudi Arabia|KSA|عربستان|عربستان سعودی
SN SEN|Senegal|سنگال
RS SRB|Serbia|Srbija|صربستان
SC SYC|Seychelles|سیشل
SL SLE|Sierra Leone|سیرالئون
SG SGP|Singapore|سنگاپور
SX SXM|Sint Maarten
SK SVK|Slovakia|Slovak Republic|Slovensko|اسلواکی
SI SVN|Slovenia|Slovenija|اسلوونی
SB SLB|Solomon Islands|جزایر سلیمان
SO SOM|Somalia|سومالی
ZA ZAF|South Africa|RSA|آفریقای جنوبی
GS SGS|South Georgia and the South Sandwich Islands
SS SSD|South Sudan|سودان جنوبی
ES ESP|Spain|España|اسپانیا
LK LKA|Sri Lanka|سری‌لانکا
SD SDN|Sudan|سودان
SR SUR|Suriname|سورینام
SJ SJM|Svalbard and Jan Mayen
SE SWE|Sweden|Sverige|سوئد
CH CHE|Switzerland|Schweiz|Suisse|Svizzera|سوئیس|سویس
SY SYR|Syria|Syrian Arab Republic|سوریه
TW TWN|Taiwan|Taiwan, Province of China|تایوان
TJ TJK|Tajikistan|تاجیکستان
TZ TZA|Tanzania|United Republic of Tanzania|تانزانیا
TH THA|Thailand|تایلند
TL TLS|Timor-Leste|East Timor|تیمور شرقی
TG TGO|Togo|توگو
TK TKL|Tokelau|توکلائو
TO TON|Tonga|تونگا
TT TTO|Trinidad and Tobago|Trinidad & Tobago|ترینیداد و توباگو
TN TUN|Tunisia|تونس
TR TUR|Turkey|Türkiye|ترکیه
TM TKM|Turkmenistan|ترکمنستان
TC TCA|Turks and Caicos Islands
TV TUV|Tuvalu|تووالو
UG UGA|Uganda|اوگاندا
UA UKR|Ukraine|اوکراین
AE ARE|United Arab Emirates|UAE|Emirates|امارات|امارات متحده عربی
GB GBR|United Kingdom|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland
GB GBR|United Kingdom of Great Britain and Northern Ireland|بریتانیا|انگلستان|انگلیس|پادشاهی متحده
US USA|United States|United States of America|U.S.|America|آمریکا|ایالات متحده|ایالات متحده آمریکا
UM UMI|United States Minor Outlying Islands
UY URY|Uruguay|اروگوئه
UZ UZB|Uzbekistan|ازبکستان
VU VUT|Vanuatu|وانواتو
VA VAT|Vatican City|Holy See|واتیکان
VE VEN|Venezuela|ونزوئلا
VN VNM|Vietnam|Viet Nam|ویتنام
VG VGB|British Virgin Islands
VI VIR|U.S. Virgin Islands|US Virgin Islands
WF WLF|Wallis and Futuna
EH ESH|Western Sahara|صحرای غربی
YE YEM|Yemen|یمن
ZM ZMB|Zambia|زامبیا
ZW ZWE|Zimbabwe|زیمبابوه
"""


def _key(name: str) -> str:
    return "".join(words(name)).removeprefix("the").removeprefix("کشور")


def _regions() -> dict[str, str]:
    regions: dict[str, str] = {}
    for line in _COUNTRIES.strip().splitlines():
        codes, *names = line.split("|")
        region, alpha_3 = codes.split()
        regions |= {_key(name): region for name in (region, alpha_3, *names)}
    return regions


_REGIONS: Final = _regions()


def region_of_country(name: str) -> str | None:
    """The ISO 3166-1 alpha-2 region of a country's name, alpha-2 or alpha-3 code in any spelling, or None (I3)."""
    return _REGIONS.get(_key(name))
