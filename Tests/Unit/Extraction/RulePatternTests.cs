using System.Text;
using MemoryMesh.Memory.Extraction;

namespace MemoryMesh.Tests.Unit.Extraction;

/// <summary>Every pattern of the rule tables can match: a sentence is made of its own words and of a sample for each slot, and the pattern has to read it.</summary>
[TestFixture]
internal sealed class RulePatternTests
{
    /// <summary>A value of each slot type; types that are not here take any noun phrase.</summary>
    private static readonly Dictionary<string, string> Samples = new()
    {
        ["place"] = "Lisbon", ["name"] = "Rosalind", ["selfname"] = "Rosalind", ["rufname"] = "Rosalind", ["org"] = "Fernwood Analytics", ["firm"] = "Fernwood Analytics", ["role"] = "plumber", ["list"] = "olives",
        ["items"] = "olives", ["foods"] = "olives", ["clause"] = "paint fences", ["date"] = "3 May", ["num"] = "three", ["diet"] = "vegan", ["langs"] = "Dutch", ["lang"] = "Dutch", ["ing"] = "climbing", ["thing"] = "a red bicycle", ["tool"] = "Vim",
        ["age"] = "34", ["goal"] = "learn pottery", ["names"] = "Sol and Luna", ["team"] = "Arch", ["oficio"] = "enfermera", ["oficio1"] = "enfermera", ["beruf"] = "tischler", ["beruf1"] = "tischler", ["métier"] = "boulangère", ["métier1"] = "boulangère",
        ["day"] = "Monday", ["sport"] = "yoga", ["fan"] = "Arsenal fan", ["aid"] = "wheelchair", ["device"] = "laptop", ["field"] = "logistics", ["schedule"] = "nights", ["demonym"] = "dutch", ["reply"] = "short answers", ["drink"] = "coffee", ["food"] = "lactose",
        ["system"] = "Debian", ["systems"] = "Debian", ["work"] = "a novel", ["doing"] = "piano tuning", ["topic"] = "astronomy", ["eaten"] = "peanut", ["sort"] = "colour", ["utc"] = "UTC", ["marque"] = "Kobo Libra", ["yearold"] = "four-month-old", ["tema"] = "fado", ["game"] = "chess", ["degree"] = "phd", ["home"] = "balcony", ["unit"] = "a bakery", ["trade"] = "plumbing", ["goods"] = "candles", ["remote"] = "remotely", ["choice"] = "tea over coffee",
        ["access"] = "deaf", ["need"] = "subtitles", ["lessons"] = "pottery lessons", ["animals"] = "bees", ["race"] = "marathons", ["place-or-home"] = "at the shelter", ["hobbyist"] = "keen gardener", ["media"] = "novels", ["school"] = "university", ["schoolyear"] = "second year",
        ["pet"] = "cat", ["vehicle"] = "van", ["reaction"] = "throat itch", ["sex"] = "f", ["replyform"] = "emoji", ["body"] = "wrist", ["height"] = "6'2", ["hair"] = "curly", ["clothes"] = "linen shirts", ["books"] = "poems", ["status"] = "vegetarian", ["grade"] = "rusty",
        ["owned"] = "boat", ["bareexam"] = "driving test", ["challenge"] = "marathon", ["duty"] = "manage sales", ["examined"] = "exam", ["pastime"] = "climbing", ["years"] = "ten years", ["site"] = "bakery", ["brew"] = "flat white", ["nameable"] = "parrot", ["leaving"] = "resigned", ["dwelling"] = "flat", ["codelang"] = "Rust", ["affairs"] = "meetings", ["branded"] = "Kobo Libra", ["measure"] = "60 kilos", ["nominal"] = "a founding member", ["stuff"] = "a wood stove", ["word"] = "olives", ["workplace"] = "tills", ["credential"] = "certificate", ["homeword"] = "flat", ["distance"] = "forty minutes", ["debt"] = "student loans", ["money"] = "three thousand", ["sum"] = "grand in savings", ["kept"] = "plain functions", ["onlys"] = "desktop-only tips", ["making"] = "throwing pots", ["gerund"] = "climbing", ["workmode"] = "remote", ["returned"] = "meat", ["replyunit"] = "answer", ["dated"] = "exam", ["keepsake"] = "narrowboat", ["software"] = "Blender", ["craft"] = "woodturning", ["diploma"] = "CCNA", ["platform"] = "debian", ["os"] = "debian", ["plural"] = "threads", ["liebling"] = "lieblingsautor", ["allergie"] = "nussallergie", ["nation"] = "argentino", ["stand"] = "verheiratet", ["verwandt"] = "hermana", ["mangel"] = "coche", ["hilfe"] = "fauteuil", ["commerce"] = "panadería", ["besitz"] = "moto", ["bare"] = "jazz", ["cosa"] = "sellos", ["centro"] = "hospital", ["words"] = "olives", ["post"] = "dispatch desk", ["outing"] = "match", ["schooling"] = "law school", ["occasion"] = "weeknight", ["regular"] = "week", ["livestock"] = "Jacob ewes", ["certificate"] = "CCNA cert", ["rank"] = "partner", ["proceeding"] = "divorce", ["service"] = "navy", ["turn"] = "Sunday", ["ensemble"] = "big band", ["employed"] = "bakery", ["vessel"] = "hob", ["stranger"] = "Rosalind", ["newcomer"] = "Rosalind",
    };

    [Test]
    public void Every_pattern_reads_a_sentence_made_of_its_own_words()
    {
        var dead = FactReader.Rules.Where(rule => !Reads(rule, withOptions: false) && !Reads(rule, withOptions: true)).Select(rule => $"{rule}  <-  {Sentence(rule, withOptions: false)}").ToList();
        Assert.That(dead, Is.Empty, string.Join('\n', dead));
    }

    [Test]
    public void No_pattern_stands_twice_in_a_table()
    {
        var twice = FactReader.Rules.GroupBy(rule => (rule.ToString(), string.Join('|', rule.Facts.Select(fact => fact.Template)))).Where(rules => rules.Count() > 1).Select(rules => rules.Key.Item1).ToList();
        Assert.That(twice, Is.Empty, string.Join('\n', twice));
    }

    private static bool Reads(Rule rule, bool withOptions)
    {
        var context = new MessageContext(Sentence(rule, withOptions));
        return context.Sentences.Count > 0 && rule.Pattern.Match(context, 0, context.Tokens.Count, lacksAm: false, []) > 0;
    }

    /// <summary>The first alternative of each word, and a sample for each slot; what may be left out is, unless it is asked for.</summary>
    private static string Sentence(Rule rule, bool withOptions)
    {
        StringBuilder sentence = new();
        var depth = 0;
        foreach (var element in rule.ToString().Replace("[", " [ ", StringComparison.Ordinal).Replace("]", " ] ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            depth += element == "[" ? 1 : element == "]" ? -1 : 0;
            if (element is "[" or "]" || (depth > 0 && !withOptions) || (element[0] == '?' && element.Length > 1))
            {
                continue;
            }

            var word = element[0] == '{' ? Samples.GetValueOrDefault(element[1..^1].Split(':')[^1], "wooden toys") : element.Split('|')[0].Replace('_', ' ');
            word = word.Replace("' ", "'", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal);
            sentence.Append(sentence.Length > 0 && sentence[^1] != '\'' && word != "'s" ? " " : "").Append(word);
        }

        return sentence.ToString();
    }
}
