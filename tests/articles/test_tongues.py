"""Languages: one sentence of news in each, and English that looks like none."""

from __future__ import annotations

import pytest

from communique.articles.tongues import find_language

SENTENCES = {
    "nl": "De minister van Buitenlandse Zaken zei maandag dat de gesprekken over het verdrag volgende "
    "week in Genève worden hervat, en dat hij hoop had op een snelle overeenkomst.",
    "de": "Der Außenminister sagte am Montag, die Gespräche über den Vertrag würden in der kommenden "
    "Woche in Genf fortgesetzt, und er hoffe auf eine baldige Einigung.",
    "es": "El ministro de Exteriores dijo el lunes que las conversaciones sobre el tratado se "
    "reanudarán la próxima semana en Ginebra y que espera un acuerdo pronto.",
    "pt": "O ministro das Relações Exteriores disse na segunda-feira que as negociações sobre o "
    "tratado serão retomadas na próxima semana em Genebra.",
    "it": "Il ministro degli Esteri ha detto lunedì che i colloqui sul trattato riprenderanno la "
    "prossima settimana a Ginevra e che spera in un accordo.",
    "sv": "Utrikesministern sade på måndagen att samtalen om fördraget återupptas nästa vecka i "
    "Genève och att han hoppas på en snabb överenskommelse.",
    "da": "Udenrigsministeren sagde mandag, at samtalerne om traktaten genoptages i næste uge i "
    "Genève, og at han håber på en hurtig aftale.",
    "no": "Utenriksministeren sa mandag at samtalene om avtalen gjenopptas neste uke i Genève, og at "
    "han håper på en rask enighet.",
    "af": "Die minister van buitelandse sake het Maandag gesê dat die gesprekke oor die verdrag "
    "volgende week in Genève hervat word en dat hy op 'n ooreenkoms hoop.",
    "tr": "Dışişleri Bakanı pazartesi günü yaptığı açıklamada anlaşmaya ilişkin görüşmelerin gelecek "
    "hafta Cenevre'de süreceğini söyledi.",
    "id": "Menteri luar negeri mengatakan pada hari Senin bahwa pembicaraan tentang perjanjian itu "
    "akan dilanjutkan minggu depan di Jenewa.",
    "sw": "Waziri wa mambo ya nje alisema Jumatatu kwamba mazungumzo kuhusu mkataba huo yataendelea "
    "wiki ijayo mjini Geneva.",
    "pl": "Minister spraw zagranicznych powiedział w poniedziałek, że rozmowy w sprawie traktatu "
    "zostaną wznowione w przyszłym tygodniu w Genewie.",
    "vi": "Bộ trưởng Ngoại giao cho biết hôm thứ Hai rằng các cuộc đàm phán về hiệp ước sẽ được nối "
    "lại vào tuần tới tại Geneva.",
    "ru": "Министр иностранных дел заявил в понедельник, что переговоры о договоре возобновятся на "
    "следующей неделе в Женеве.",
    "uk": "Міністр закордонних справ заявив у понеділок, що переговори про договір відновляться "
    "наступного тижня в Женеві.",
    "ar": "قال وزير الخارجية يوم الاثنين إن المحادثات بشأن المعاهدة ستستأنف الأسبوع المقبل في جنيف.",
    "fa": "وزیر امور خارجه روز دوشنبه گفت که گفتگوها درباره این پیمان هفته آینده در ژنو از سر گرفته "
    "می‌شود.",
    "he": "שר החוץ אמר ביום שני כי השיחות על האמנה יתחדשו בשבוע הבא בז'נבה.",
    "hi": "विदेश मंत्री ने सोमवार को कहा कि संधि पर बातचीत अगले सप्ताह जिनेवा में फिर शुरू होगी।",
    "ja": "外相は月曜日、条約に関する協議が来週ジュネーブで再開されると述べた。",
    "ko": "외무장관은 월요일 조약에 관한 회담이 다음 주 제네바에서 재개될 것이라고 말했다.",
    "el": "Ο υπουργός Εξωτερικών δήλωσε τη Δευτέρα ότι οι συνομιλίες για τη συνθήκη θα επαναληφθούν "
    "την επόμενη εβδομάδα στη Γενεύη.",
}  # fmt: skip

ENGLISH = [
    "Putin, Xi and Modi met in Samarkand; Erdogan and Raisi joined later.",
    "MOSCOW, BEIJING SIGN GAS DEAL",
    "Hezbollah fires rockets at Kiryat Shmona; IDF strikes Nabatieh, Tyre, Baalbek",
    "South Korea, Japan, Taiwan, China, Vietnam, Laos, Thailand, Burma, India.",
    "Pakistan rejects India's charges.",
    "Talks end",
    "12",
]


@pytest.mark.parametrize("code", SENTENCES)
def test_other_languages_are_known(code: str) -> None:
    assert find_language(SENTENCES[code]) == code


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_never_taken_for_another(text: str) -> None:
    assert find_language(text) in ("en", None)
