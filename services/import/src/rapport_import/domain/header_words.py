"""What headers are called in the files of the world: a table of words, no rules."""

# ruff: noqa: E501  a row of this table is one thing, however many languages name it

from __future__ import annotations

from typing import Final

# target → spellings, "|" between them; compared without case, diacritics, punctuation and spaces.
# en, fa, ar, de, fr, es, it, pt, nl, tr, ru, pl; and what mailers, phones and office programs export.
WORDS: Final[dict[str, str]] = {
    "title": "title|salutation|honorific|prefix|name prefix|mr mrs|عنوان|پیشوند|لقب|anrede|titel|civilité|civilite|tratamiento|titolo"
    "|título|tratamento|aanhef|unvan|ünvan|hitap|обращение|tytuł|zwrot grzecznościowy",
    "first_name": "first name|first|given name|given|forename|fname|f name|christian name|نام|نام کوچک|اسم|اسم کوچک|الاسم الأول|الاسم الاول"
    "|vorname|prénom|prenom|nombre|nombres|primer nombre|nome proprio|primeiro nome|voornaam|ad|adı|isim|имя|imię|imie",
    "last_name": "last name|last|surname|family name|family|lname|l name|second name|نام خانوادگی|فامیل|فامیلی|شهرت|خانوادگی|اسم العائلة|اللقب"
    "|nachname|familienname|zuname|nom de famille|nom|apellido|apellidos|cognome|sobrenome|apelido|achternaam|soyad|soyadı|soyisim|фамилия|nazwisko",
    "name": "name|full name|fullname|contact|contact name|display name|file as|customer|customer name|client|client name|person|attendee"
    "|organization name|organisation name|نام و نام خانوادگی|نام کامل|نام مشتری|مشتری|نام سازمان|الاسم|الاسم الكامل|اسم العميل|vollständiger name|kunde|kundenname"
    "|nom complet|nom et prénom|nom du client|nombre completo|nombre y apellidos|cliente|nome|nome completo|nome e cognome|nominativo"
    "|naam|volledige naam|klant|ad soyad|adı soyadı|müşteri|müşteri adı|фио|полное имя|клиент|imię i nazwisko|klient",
    "company_name": "company|company name|organization|organisation|organization 1 name|employer|firm|business|business name|account|account name|corporation"
    "|شرکت|نام شرکت|سازمان|محل کار|موسسه|مؤسسه|شركة|الشركة|اسم الشركة|firma|firmenname|unternehmen|arbeitgeber|société|societe|entreprise|raison sociale"
    "|empresa|compañía|compania|razón social|organización|azienda|società|ditta|ragione sociale|companhia|organização|bedrijf|bedrijfsnaam|organisatie"
    "|şirket|şirket adı|kurum|компания|организация|название компании|nazwa firmy|przedsiębiorstwo",
    "position": "position|job|job title|role|function|occupation|designation|job position|organization 1 title|profession|سمت|شغل|پست|پست سازمانی|عنوان شغلی"
    "|المنصب|الوظيفة|المسمى الوظيفي|berufsbezeichnung|funktion|beruf|stelle|poste|fonction|puesto|cargo|posición|ruolo|mansione|posizione|qualifica"
    "|função|functie|beroep|görev|pozisyon|meslek|должность|профессия|stanowisko",
    "mobile": "mobile|mobile phone|mobile number|mobile no|cell|cell phone|cellphone|cellular|handset|sms|sms number|gsm|mobile tel|موبایل|تلفن همراه|همراه|شماره همراه"
    "|شماره موبایل|گوشی|جوال|الجوال|رقم الجوال|محمول|الهاتف المحمول|موبايل|handy|handynummer|mobil|mobiltelefon|mobilnummer|téléphone portable|portable"
    "|tél portable|móvil|movil|celular|teléfono móvil|cellulare|telefono cellulare|telemóvel|telemovel|telefone celular|mobiel|mobiele telefoon"
    "|06 nummer|cep|cep telefonu|cep tel|мобильный|мобильный телефон|сотовый|telefon komórkowy|komórka",
    "phone": "phone|telephone|tel|telephone number|phone number|phone no|landline|home phone|work phone|business phone|office phone|main phone|contact number"
    "|primary phone|phone value|other phone|تلفن|شماره تلفن|تلفن ثابت|تلفن منزل|تلفن محل کار|شماره تماس|هاتف|الهاتف|رقم الهاتف|telefon|telefonnummer|rufnummer|festnetz"
    "|téléphone|tél|numéro de téléphone|téléphone fixe|teléfono|número de teléfono|tel fijo|telefono|numero di telefono|telefone|número de telefone"
    "|telefoon|telefoonnummer|vaste telefoon|telefon numarası|sabit telefon|телефон|номер телефона|numer telefonu",
    "fax": "fax|fax number|fax no|facsimile|telefax|business fax|home fax|فکس|نمابر|دورنگار|شماره فکس|فاكس|faxnummer|télécopie|факс|faks",
    "email": "email|e mail|mail|email address|e mail address|electronic mail|email value|primary email|work email|ایمیل|پست الکترونیک|پست الکترونیکی|رایانامه|نشانی ایمیل"
    "|البريد الإلكتروني|البريد الالكتروني|بريد إلكتروني|email adresse|mailadresse|courriel|adresse e mail|adresse mail|adresse électronique|correo"
    "|correo electrónico|indirizzo email|posta elettronica|correio eletrônico|emailadres|e posta|eposta|электронная почта|почта|эл почта|adres email",
    "whatsapp": "whatsapp|whats app|whatsapp number|wa number|واتساپ|واتس اپ|واتس آپ|واتساب|واتس اب|вотсап",
    "website": "website|web site|web|url|homepage|home page|web page|web address|site|link|وب سایت|وبسایت|سایت|تارنما|الموقع|الموقع الإلكتروني|webseite|internetseite"
    "|site web|site internet|página web|sitio web|pagina web|sito|sito web|webpagina|internet sitesi|web sitesi|сайт|веб сайт|strona www|strona internetowa",
    "social": "social|facebook|twitter|linkedin|instagram|telegram|skype|social media|x com|شبکه اجتماعی|تلگرام|اینستاگرام|لینکدین|فیسبوک|xing|телеграм",
    "street": "street|address|address 1|address line|address line 1|street address|street 1|mailing address|home address|business address|home street|business street"
    "|postal address|location|آدرس|نشانی|خیابان|آدرس محل کار|آدرس منزل|العنوان|عنوان الشارع|الشارع|straße|strasse|adresse|anschrift|rue|adresse postale|calle|dirección|direccion"
    "|domicilio|via|indirizzo|rua|endereço|morada|straat|adres|sokak|cadde|улица|адрес|ulica",
    "address": "address 2|other address|other street|second address|alternative address|آدرس دوم|نشانی دوم|zweitadresse|autre adresse",
    "city": "city|town|locality|suburb|municipality|home city|business city|place|شهر|شهرستان|المدينة|مدينة|stadt|ort|wohnort|ville|commune|ciudad|localidad|población"
    "|città|citta|comune|cidade|localidade|stad|plaats|woonplaats|şehir|ilçe|город|miasto|miejscowość",
    "province": "province|state|region|county|state province|state region|home state|business state|استان|ایالت|ولایت|المحافظة|محافظة|الولاية|المنطقة|bundesland|provinz|kanton"
    "|région|département|provincia|estado|comunidad autónoma|regione|distrito|provincie|il|eyalet|bölge|область|регион|край|województwo",
    "postal_code": "postal code|postcode|post code|zip|zip code|zipcode|zip postal code|postal|home postal code|business postal code|pin code|کد پستی|کدپستی|الرمز البريدي|رمز بريدي"
    "|plz|postleitzahl|code postal|código postal|codigo postal|cap|codice postale|posta kodu|индекс|почтовый индекс|kod pocztowy",
    "country": "country|country region|nation|country name|country code|home country|business country|کشور|البلد|الدولة|بلد|land|staat|pays|país|pais|paese|nazione|nação"
    "|ülke|страна|kraj|państwo",
    "description": "description|note|notes|comment|comments|remark|remarks|memo|details|bio|about|توضیح|توضیحات|یادداشت|شرح|ملاحظات|ملاحظة|وصف|beschreibung|notiz|notizen"
    "|bemerkung|bemerkungen|kommentar|anmerkung|remarque|remarques|commentaire|commentaires|observaciones|descripción|notas|comentarios|nota|descrizione"
    "|osservazioni|descrição|observações|opmerking|opmerkingen|notitie|açıklama|not|notlar|описание|примечание|комментарий|заметки|opis|uwagi|notatki",
    "groups": "group|groups|category|categories|segment|segments|list membership|group membership|گروه|گروه ها|گروهها|دسته|دسته بندی|المجموعة|مجموعة|gruppe|gruppen"
    "|groupe|groupes|grupo|grupos|gruppo|gruppi|groep|groepen|grup|gruplar|группа|группы|grupa|grupy",
}

# Words before a header that say whose it is, and nothing about what it is.
PREFIXES: Final = ("company", "contact", "customer", "client", "person", "billing", "mailing", "primary", "main", "lead", "account", "work", "business", "home", "your", "user")  # fmt: skip

# A company's own name in a file that has no persons: then the rows are organizations.
ORGANIZATION_NAMES: Final = "company|company name|organization|organisation|organization name|business name|شرکت|نام شرکت|سازمان|نام سازمان|firma|firmenname|société|entreprise|empresa|azienda|bedrijf|şirket|компания"  # fmt: skip

REASON: Final = "Rapport: what is wrong"
"""The header of the reason column in the error workbook; never suggested as anything when it comes back."""
