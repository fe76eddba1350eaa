using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// Reads what the user tells of themselves behind labels: "name - Dov", "Job: stage carpenter", "hate = olives". It takes two labels of a person in a message, and none of a thing, a ticket
/// or a setting, so that a form, a recipe or a configuration is no life.
/// </summary>
internal sealed class FieldReader(MessageContext context)
{
    private const int MostLabelWords = 3;
    private const int MostValue = 14;

    private bool? _tellsOfUser;
    private bool? _hasOpenLabel;

    private List<Token> Tokens => context.Tokens;

    /// <summary>Reads a sentence.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="output">Receives the candidates.</param>
    /// <returns>Whether it is a labelled value of the user.</returns>
    public bool Read(Sentence sentence, List<MemoryCandidate> output)
    {
        if (Label(sentence) is not (Field field, var start) || !(_tellsOfUser ??= TellsOfUser()) || (context.Blocked[sentence.First] && !OpensLikeTask(sentence)))
        {
            return false;
        }

        var before = output.Count;
        var end = sentence.End;
        for (var i = start; i < end; i++)
        {
            if (Tokens[i].Kind is TokenKind.Comma or TokenKind.Break && LabelAt(i + 1, end) is (Field next, var value))
            {
                // "name: Dov, work: crane operator" on one line.
                ReadValue(field, start, i, output);
                (field, start) = (next, value);
            }
        }

        ReadValue(field, start, end, output);
        return output.Count > before;
    }

    /// <summary>"Name", "Reply in" and "Reads" look like the verb of a request.</summary>
    private bool OpensLikeTask(Sentence sentence) => Lexicon.TaskVerbs.Contains(Tokens[sentence.First].Lower) && (_hasOpenLabel ??= context.Sentences.Exists(other => !context.Blocked[other.First] && Label(other) is not null));

    private void ReadValue(Field field, int start, int end, List<MemoryCandidate> output)
    {
        if (start >= end || end - start > MostValue || field.Type.Length > 0 && SlotReader.Read(context, field.Type, start, end, [], out _) < 0)
        {
            return;
        }

        if (field.IsSingle)
        {
            var aside = Tokens.FindIndex(start, end - start, token => token.Kind == TokenKind.Break);
            Add(field, start, aside > start ? aside : end, output);
            return;
        }

        var first = start;
        for (var i = start; i <= end; i++)
        {
            if (i < end && (Tokens[i].IsWord || Tokens[i].Kind == TokenKind.Break) && !(Tokens[i].Lower == "and" && i > first && !(i + 1 < end && Lexicon.Subjects.Contains(Tokens[i + 1].Lower))))
            {
                continue;
            }

            if (i > first)
            {
                Add(field, first, i, output);
            }

            first = i + 1;
        }
    }

    private void Add(Field field, int first, int end, List<MemoryCandidate> output)
    {
        while (end > first && !Tokens[end - 1].IsWord && !(Tokens[end - 1].Text == ")" && Tokens.FindIndex(first, end - first, token => token.Text == "(") >= 0))
        {
            end--;
        }

        if (end <= first || Tokens[first].Lower is "none" or "no" or "n/a" or "nothing" or "tbd" or "unknown" or "you" or "null" or "true" or "false" or "string" or "int" || SensitiveText.IsSecret(Tokens, first, end))
        {
            return;
        }

        var text = context.Render(first, end);
        output.Add(new MemoryCandidate
        {
            Operation = CandidateOperation.Add,
            Text = field.Template.Replace("{a}", Morphology.WithArticle(text), StringComparison.Ordinal).Replace("{0}", text, StringComparison.Ordinal),
            Category = field.Category,
            SlotKey = field.IsSingle ? field.Slot : $"{field.Slot}:{FactWriter.Key(text)}",
            SingleValued = field.IsSingle,
            Quote = context.Quote(first, end),
            Confidence = 0.7,
            Importance = FactWriter.ImportanceOf(field.Category),
        });
    }

    /// <summary>Whether the labels of the message are those of a person, who is the user.</summary>
    private bool TellsOfUser()
    {
        HashSet<string> labels = [];
        var others = 0;
        foreach (var sentence in context.Sentences)
        {
            if (LabelLength(sentence.First, sentence.End) is not (var length and > 0))
            {
                // "Email: ..." has a masked value.
                if (SpeaksOfAnother(sentence) || (Tokens[sentence.End - 1].Text == ":" && sentence.End - sentence.First - 1 is > 0 and <= MostLabelWords && ThingLabels.Contains(KeyOf(sentence.First, sentence.End - sentence.First - 1))))
                {
                    return false;
                }

                continue;
            }

            var key = KeyOf(sentence.First, length);
            if (ThingLabels.Contains(key))
            {
                return false;
            }

            if (Fields.ContainsKey(key))
            {
                labels.Add(key);
                for (var i = sentence.First + length + 1; i < sentence.End; i++)
                {
                    if (Tokens[i].Kind is TokenKind.Comma or TokenKind.Break && LabelLength(i + 1, sentence.End) is var inner and > 0)
                    {
                        labels.Add(KeyOf(i + 1, inner));
                    }
                }
            }
            else
            {
                others++;
            }
        }

        return labels.Count(Fields.ContainsKey) is var own && own >= 2 && others <= own && labels.All(label => !ThingLabels.Contains(label));
    }

    /// <summary>"Her profile:", "sample data:", "make a badge from this": what is labelled is of somebody or something else.</summary>
    private bool SpeaksOfAnother(Sentence sentence)
    {
        for (var i = sentence.First; i < sentence.End; i++)
        {
            if (Tokens[i].Lower is "client" or "customer" or "candidate" or "patient" or "applicant" or "student" or "employee" or "character" or "persona" or "placeholder" or "sample" or "example" or "template" or "form" or "yaml" or "json" or "csv" or "config" or "fictional" or "npc" or "his" or "her" or "their" or "badge" or "ticket" or "tickets" or "bio" or "recipe" or "listing" or "invoice" or "contact" or "contacts" or "spreadsheet" or "dating" or "dataset" or "table" or "record" or "fake" or "dummy" or "test")
            {
                return true;
            }
        }

        return Lexicon.TaskVerbs.Contains(Tokens[Gate.SkipFillers(Tokens, sentence.First, sentence.End) is var first && first < sentence.End ? first : sentence.First].Lower)
            && Tokens.FindIndex(sentence.First, sentence.End - sentence.First, token => token.Lower is "this" or "these" or "it" or "above" or "below" or "following") >= 0;
    }

    private (Field Field, int Value)? Label(Sentence sentence) => LabelAt(sentence.First, sentence.End);

    private (Field Field, int Value)? LabelAt(int first, int end) => LabelLength(first, end) is var length and > 0 && Fields.TryGetValue(KeyOf(first, length), out var field) ? (field, first + length + 1) : null;

    /// <summary>How many words label what follows; 0 when none do.</summary>
    private int LabelLength(int first, int end)
    {
        for (var i = first + 1; i < end - 1 && i <= first + MostLabelWords; i++)
        {
            if (Tokens[i].Text is ":" or "=" || (Tokens[i].Text is "-" or "\u2013" or "\u2014" && OpensLine(first)))
            {
                return i - first;
            }

            if (!Tokens[i].IsWord)
            {
                return 0;
            }
        }

        return 0;
    }

    private bool OpensLine(int first)
    {
        while (first > 0 && Tokens[first - 1].Kind == TokenKind.Break)
        {
            first--;
        }

        return first == 0 || Tokens[first - 1].Kind == TokenKind.NewLine;
    }

    private string KeyOf(int first, int length) => string.Join(' ', Tokens.Skip(first).Take(length).Select(token => token.Lower)).Replace(" not stand", "not stand", StringComparison.Ordinal);

    /// <summary>Labels of things, tickets, settings and of people as others keep them.</summary>
    private static readonly FrozenSet<string> ThingLabels = FrozenSet.ToFrozenSet(
        ["email", "e-mail", "phone number", "tel", "address", "id", "price", "status", "title", "subject", "version", "host", "port", "user", "username", "password", "image", "type", "amount", "qty", "quantity", "total", "invoice", "order", "sku", "ingredients", "serves", "method", "class", "race", "level", "alignment", "hp", "department", "start date", "deadline", "priority", "assignee", "error", "file", "path", "url", "date", "time", "venue", "speaker", "salary", "nhs number", "species", "genre", "setting", "plot", "description", "deadline", "colour", "weight"]);

    private static readonly Field Lives = new("location", "User lives in {0}.", "location", true);
    private static readonly Field Trade = new("profession", "User is {a}.", "profession", true);
    private static readonly Field Firm = new("employer", "User works at {0}.", "employer", true);
    private static readonly Field Likes = new("preference", "User likes {0}.", "likes", false);
    private static readonly Field Loves = new("preference", "User loves {0}.", "likes", false);
    private static readonly Field Dislikes = new("dislike", "User does not like {0}.", "dislikes", false);
    private static readonly Field Hates = new("dislike", "User hates {0}.", "dislikes", false);
    private static readonly Field Allergy = new("constraint", "User is allergic to {0}.", "allergy", false);
    private static readonly Field Speaks = new("language", "User speaks {0}.", "language", false);
    private static readonly Field Origin = new("location", "User is from {0}.", "origin", true);
    private static readonly Field Pastime = new("interest", "User's hobbies include {0}.", "likes", false);
    private static readonly Field Partner = new("relationship", "User's partner is {0}.", "relationship:partner", true);
    private static readonly Field Kids = new("relationship", "User's kids: {0}.", "relationship:kids", false);
    private static readonly Field Pets = new("relationship", "User has {0}.", "relationship:pet", false);
    private static readonly Field Plays = new("interest", "User plays {0}.", "plays", false);
    private static readonly Field Owns = new("possession", "User has {0}.", "possession", false);
    private static readonly Field Uses = new("preference", "User uses {0}.", "uses", false);
    private static readonly Field Learns = new("language", "User is learning {0}.", "learning", false);
    private static readonly Field Goal = new("goal", "User's goal is: {0}.", "goal", true);

    private static readonly FrozenDictionary<string, Field> Fields = new Dictionary<string, Field>
    {
        ["name"] = new("name", "User's name is {0}.", "name", true, "name"), ["my name"] = new("name", "User's name is {0}.", "name", true, "name"), ["first name"] = new("name", "User's name is {0}.", "name", true, "name"), ["full name"] = new("name", "User's name is {0}.", "name", true, "name"),
        ["nickname"] = new("name", "User goes by {0}.", "name:short", true, "name"), ["goes by"] = new("name", "User goes by {0}.", "name:short", true, "name"), ["call me"] = new("name", "User goes by {0}.", "name:short", true, "name"),
        ["city"] = Lives, ["town"] = Lives, ["location"] = Lives, ["based"] = Lives, ["lives in"] = Lives, ["live in"] = Lives, ["lives"] = Lives, ["live"] = Lives, ["living in"] = Lives, ["based in"] = Lives, ["home"] = Lives, ["where"] = Lives, ["place"] = Lives,
        ["job"] = Trade, ["occupation"] = Trade, ["profession"] = Trade, ["role"] = Trade, ["trade"] = Trade, ["day job"] = Trade, ["works as"] = Trade, ["work as"] = Trade, ["my job"] = Trade, ["work"] = new("profession", "User's work: {0}.", "profession", true), ["does"] = new("profession", "User's work: {0}.", "profession", true),
        ["employer"] = Firm, ["works at"] = Firm, ["work at"] = Firm, ["works for"] = Firm, ["company"] = Firm,
        ["age"] = new("other", "User is {0} years old.", "age", true, "age"), ["diet"] = new("constraint", "User's diet is {0}.", "diet", true), ["food"] = new("constraint", "User's food: {0}.", "diet", true), ["eats"] = new("constraint", "User eats {0}.", "diet", true), ["drinks"] = new("preference", "User drinks {0}.", "drinks", false),
        ["likes"] = Likes, ["like"] = Likes, ["into"] = Likes, ["loves"] = Loves, ["love"] = Loves, ["dislikes"] = Dislikes, ["dislike"] = Dislikes, ["avoids"] = Dislikes, ["hates"] = Hates, ["hate"] = Hates, ["cannot stand"] = Hates, ["pet hate"] = Hates, ["pet hates"] = Hates, ["pet peeve"] = Hates, ["pet peeves"] = Hates,
        ["hobbies"] = Pastime, ["hobby"] = new("interest", "User's hobby is {0}.", "likes", false), ["interests"] = new("interest", "User's interests include {0}.", "likes", false), ["free time"] = Pastime, ["weekends"] = Pastime, ["for fun"] = Pastime, ["spare time"] = Pastime,
        ["allergies"] = Allergy, ["allergy"] = Allergy, ["allergic to"] = Allergy, ["allergic"] = Allergy,
        ["languages"] = Speaks, ["language"] = Speaks, ["speaks"] = Speaks, ["speak"] = Speaks, ["mother tongue"] = Speaks, ["learning"] = Learns, ["studying"] = new("other", "User studies {0}.", "education", false), ["studies"] = new("other", "User studies {0}.", "education", false),
        ["from"] = Origin, ["born in"] = Origin, ["hometown"] = Origin, ["origin"] = Origin, ["originally"] = Origin, ["grew up"] = Origin, ["born"] = new("date", "User was born: {0}.", "birthday", true),
        ["reply in"] = new("style", "User wants replies in {0}.", "style:language", true), ["answer in"] = new("style", "User wants answers in {0}.", "style:language", true), ["tone"] = new("style", "User wants this tone: {0}.", "style:tone", true), ["units"] = new("style", "User wants units in {0}.", "style:units", true),
        ["timezone"] = new("constraint", "User's timezone is {0}.", "timezone", true), ["time zone"] = new("constraint", "User's timezone is {0}.", "timezone", true), ["pronouns"] = new("other", "User's pronouns are {0}.", "profile:pronouns", true), ["birthday"] = new("date", "User's birthday is {0}.", "date:birthday", true), ["dob"] = new("date", "User's birthday is {0}.", "date:birthday", true),
        ["partner"] = Partner, ["husband"] = new("relationship", "User's husband is {0}.", "relationship:partner", true), ["wife"] = new("relationship", "User's wife is {0}.", "relationship:partner", true), ["married to"] = Partner, ["kids"] = Kids, ["children"] = Kids, ["sons"] = new("relationship", "User's sons: {0}.", "relationship:kids", false), ["daughters"] = new("relationship", "User's daughters: {0}.", "relationship:kids", false), ["family"] = new("relationship", "User's family: {0}.", "household", true), ["household"] = new("relationship", "User's household: {0}.", "household", true), ["siblings"] = new("relationship", "User's siblings: {0}.", "siblings", true),
        ["cat"] = new("relationship", "User has a cat named {0}.", "relationship:cat", false, "name"), ["dog"] = new("relationship", "User has a dog named {0}.", "relationship:dog", false, "name"), ["pets"] = Pets, ["pet"] = Pets, ["dogs"] = new("relationship", "User's dogs: {0}.", "relationship:dog", false), ["cats"] = new("relationship", "User's cats: {0}.", "relationship:cat", false), ["animals"] = Pets,
        ["plays"] = Plays, ["instrument"] = Plays, ["sport"] = Plays, ["sports"] = Plays, ["team"] = new("interest", "User supports {0}.", "supports", false), ["supports"] = new("interest", "User supports {0}.", "supports", false), ["music"] = new("preference", "User's music: {0}.", "likes", false), ["books"] = new("preference", "User's books: {0}.", "likes", false),
        ["car"] = Owns, ["drives"] = Owns, ["bike"] = Owns, ["phone"] = Owns, ["laptop"] = Owns, ["computer"] = Owns, ["camera"] = Owns, ["os"] = Uses, ["editor"] = Uses, ["uses"] = Uses, ["shell"] = Uses, ["goal"] = Goal, ["goals"] = Goal, ["height"] = new("other", "User's height is {0}.", "height", true), ["shoe size"] = new("other", "User's shoe size is {0}.", "size:shoes", true),
        ["favourite food"] = new("preference", "User's favourite food is {0}.", "favourite:food", true), ["favourite colour"] = new("preference", "User's favourite colour is {0}.", "favourite:colour", true), ["drink"] = new("preference", "User drinks {0}.", "drinks", false), ["coffee"] = new("preference", "User's coffee: {0}.", "drinks", true),
    }.ToFrozenDictionary();

    /// <param name="Category">Category of the value.</param>
    /// <param name="Template">Its sentence.</param>
    /// <param name="Slot">Its attribute.</param>
    /// <param name="IsSingle">Whether it is one value.</param>
    /// <param name="Type">What the value must be, or nothing.</param>
    private sealed record Field(string Category, string Template, string Slot, bool IsSingle, string Type = "");
}
