using MemoryMesh.Search.Analysis;
using MemoryMesh.Search.Analysis.Languages;

namespace MemoryMesh.Tests.Unit.Search;

/// <summary>Which words meet. Each line holds pairs of forms of one word, or a compound and a part.</summary>
public class LanguageFormsTests
{
    [TestCase(nameof(TextLanguages.German), "Haus Häuser|gehen gegangen|laufen läuft|schwimmen geschwommen|Buch Bücher|trinken getrunken|isst essen|kaufen gekauft|einkaufen eingekauft|anzurufen angerufen|vergessen vergaß|studieren studiert|Reparatur repariert|Arzt Ärztinnen|Freund Freundin")]
    [TestCase(nameof(TextLanguages.German), "Bücherregal Regal|Krankenversicherungskarte Versicherung|Kirschkuchen Kuchen|Fußballspiel Fußball|Zahnarzttermin Termin|Haustür Tür|Autoschlüssel Schlüssel|Haeuser Haus|Strasse Straße|Mueller Müller")]
    [TestCase(nameof(TextLanguages.Spanish), "niños niño|comer comieron|comprar comprarlo|decir dijo|hacer hizo|dormir duermo|tener tuvo|volver vuelto|empezar empecé|lápiz lápices|vez veces|canción canciones|gato gatito|canción cancion|ver visto")]
    [TestCase(nameof(TextLanguages.French), "manger mangeait|aller vais|voir vu|prendre pris|cheval chevaux|œuf oeufs|œil yeux|acheter achète|appeler appelle|commencer commençons|vendre vendu|chanteur chanteuse|sportif sportive|nouveau nouvelle|école l'école|préférer prefere")]
    [TestCase(nameof(TextLanguages.English), "собака собаками|кошка кошек|купить куплю|писать пишу|видеть вижу|приготовил готовить|подарок подарки|день дней|отец отца|ребёнок детей|шёл идти|рисовать рисует|ёлка елка")]
    [TestCase(nameof(TextLanguages.English), "كتاب والكتب|بيت بيوت|مدرسة مدارس|سيارة بسيارتي|كتبت يكتب|سافر سأسافر|إلى الى|مستشفى مستشفي|قهوة القهوه|جَرَّةُ جرة|صديق أصدقاء|حديقة حدائق")]
    [TestCase(nameof(TextLanguages.English), "食べる 食べました|行く 行った|読む 読んで|パソコン ﾊﾟｿｺﾝ|とまと トマト|美しい 美しく")]
    [TestCase(nameof(TextLanguages.English), "먹다 먹었어요|가다 갔어요|배워요 배웠어|학교에서 학교를|부르다 불렀어요|춥다 추워요|듣다 들었어요|책을 책이")]
    [TestCase(nameof(TextLanguages.English), "國家 国家|電腦 电脑|圖書館 图书馆|麵條 面条")]
    public void Forms_of_a_word_meet(string language, string pairs)
    {
        var languages = Enum.Parse<TextLanguages>(language);
        foreach (var pair in pairs.Split('|'))
        {
            var words = pair.Split(' ');
            Assert.That(Terms(words[0], languages).Intersect(Terms(words[1], languages)), Is.Not.Empty, $"{pair}: {string.Join(' ', Terms(words[0], languages))} / {string.Join(' ', Terms(words[1], languages))}");
        }
    }

    [TestCase("Ich habe heute einen Kuchen gebacken", nameof(TextLanguages.German))]
    [TestCase("Me gusta el café con leche", nameof(TextLanguages.Spanish))]
    [TestCase("Nous avons mangé des crêpes", nameof(TextLanguages.French))]
    [TestCase("What did Caroline do last May?", nameof(TextLanguages.English))]
    [TestCase("Thanks Mel! That's awesome", nameof(TextLanguages.English))]
    [TestCase("мы едем домой", nameof(TextLanguages.English))]
    [TestCase("", nameof(TextLanguages.English))]
    [TestCase("Waschmaschine", nameof(TextLanguages.AnyForeign))]
    public void The_language_is_guessed(string text, string language) => Assert.That(LanguageGuess.Of(text).ToString(), Is.EqualTo(language));

    [TestCase("am 3. Mai 2023", "3 may 2023")]
    [TestCase("el 3 de mayo de 2023", "3 may 2023")]
    [TestCase("le lundi dernier, il y a deux semaines", "last monday, two weeks ago")]
    [TestCase("на прошлой неделе в мае", "last week, in may")]
    [TestCase("في ٣ مايو ٢٠٢٣", "3 may 2023")]
    [TestCase("كانون الأول", "in december")]
    [TestCase("５月３日", "3 may")]
    [TestCase("二〇一九, 十二月", "in december")]
    [TestCase("vorgestern", "day before yesterday")]
    [TestCase("¿qué comí antes de ayer?", "day before yesterday")]
    [TestCase("qu'est-ce que j'ai mangé avant-hier", "day before yesterday")]
    [TestCase("allez-vous avant hier ou après", "day before yesterday")]
    [TestCase("что было позавчера", "day before yesterday")]
    [TestCase("ماذا فعلت أول أمس", "day before yesterday")]
    [TestCase("前天我做了什么", "day before yesterday")]
    [TestCase("おととい何を食べた", "day before yesterday")]
    [TestCase("그저께 뭐 했어", "day before yesterday")]
    [TestCase("以前天气很好", "")]
    [TestCase("в прошлом году", "last year")]
    [TestCase("два года назад", "two years ago")]
    [TestCase("в мае 2023 года", "may 2023")]
    [TestCase("в мае прошлого года", "in may, last year")]
    [TestCase("неделю назад", "one weeks ago")]
    [TestCase("полгода назад", "six months ago")]
    [TestCase("im Mai letzten Jahres", "in may, last year")]
    [TestCase("Montag letzter Woche", "monday, last week")]
    [TestCase("vor ein paar Wochen war das", "a few weeks ago")]
    [TestCase("vor einem halben Jahr", "six months ago")]
    [TestCase("vor zehn Tagen", "ten days ago")]
    [TestCase("in den letzten zwei Wochen", "last two weeks")]
    [TestCase("letzten Sommer", "last summer")]
    [TestCase("im Sommer 2023 war ich", "summer 2023")]
    [TestCase("en los dos últimos meses", "last two months")]
    [TestCase("hace un par de semanas", "two weeks ago")]
    [TestCase("el verano del año pasado", "in the summer, last year")]
    [TestCase("la semaine passée", "last week")]
    [TestCase("l'été dernier", "last summer")]
    [TestCase("il y a quelques jours", "a few days ago")]
    [TestCase("قبل يومين", "two days ago")]
    [TestCase("منذ أسبوع", "one weeks ago")]
    [TestCase("الصيف الماضي", "last summer")]
    [TestCase("去年五月", "in may, last year")]
    [TestCase("十五天前", "15 days ago")]
    [TestCase("去年夏天", "in the summer, last year")]
    [TestCase("过去三个月", "last 3 months")]
    [TestCase("先々週", "week before last")]
    [TestCase("数日前", "a few days ago")]
    [TestCase("지난 여름", "last summer")]
    [TestCase("이틀 전", "two days ago")]
    [TestCase("일주일 전", "1 weeks ago")]
    [TestCase("삼 년 전", "3 years ago")]
    [TestCase("2023年5月", "may 2023")]
    [TestCase("上周三", "last wednesday")]
    [TestCase("지난주 월요일", "last week, monday")]
    [TestCase("vor zwei Wochen, letzten Montag, gestern", "two weeks ago, last monday, yesterday")]
    [TestCase("hace 3 meses", "three months ago")]
    [TestCase("in May", "")]
    [TestCase("", "")]
    public void Dates_are_said_in_English(string text, string english)
        => Assert.That(DateWords.ToEnglish(text, LanguageGuess.Of(text)), Is.EqualTo(english));

    [Test]
    public void A_question_with_a_date_has_the_words_the_time_of_a_message_is_indexed_by()
        => Assert.That(TextAnalyzer.QueryTerms("Was war im Mai 2023, am Montag?", 64), Is.SupersetOf((string[])["may", "monday", "2023"]));

    [Test]
    public void English_texts_have_no_other_terms_than_their_words()
    {
        var (all, english) = (new List<string>(), new List<string>());
        const string Text = "We went to the lake with the children and had the best day, didn't we?";
        TextAnalyzer.AddTerms(Text, all);
        TextAnalyzer.AddTerms(Text, TextLanguages.English, english);
        Assert.That(all, Is.EqualTo(english));
    }

    private static List<string> Terms(string text, TextLanguages languages)
    {
        var terms = new List<string>();
        TextAnalyzer.AddTerms(text, languages, terms);
        return terms;
    }
}
