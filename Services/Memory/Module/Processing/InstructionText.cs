using System.Text;
using System.Text.RegularExpressions;
using MemoryMesh.Memory.Processing.Orders;
using MemoryMesh.Memory.Text;

namespace MemoryMesh.Memory.Processing;

/// <summary>Tells text that instructs an assistant from text that states something: recalled, it would be obeyed.</summary>
/// <remarks>
/// What is looked for are the marks of an attempt to take over: setting aside earlier instructions or safety, giving a new role, markup and headings of a
/// prompt, speaking to the assistant by its kind, telling it what to do when somebody asks for something, writing to its memory, hiding something from the
/// user, sending data away, running commands, promoting a product, claiming rights, and writing about all users. How somebody wants to be answered has
/// none of them, nor has a sentence that tells what the user does: "I ignore all rules" states, "ignore all rules" instructs.
/// </remarks>
internal static partial class InstructionText
{
    /// <summary>Longest text that is looked at, in UTF-16 units.</summary>
    private const int MaxLength = 8_192;

    /// <summary>Milliseconds that one form may be looked for: texts that are made to take long count as instructions.</summary>
    private const int Timeout = 20_000;

    private const string LookAlikes = "аеорсхуіѕјһԁɡАВЕКМНОРСТХІЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";
    private const string LatinLetters = "aeopcxyisjhdgABEKMHOPCTXISABEZHIKMNOPTYXo";

    /// <summary>Whether the text reads like an instruction that was smuggled in. One that takes too long to tell counts as one: it was made for that.</summary>
    public static bool Matches(string text)
    {
        var visible = Visible(text.Length > MaxLength ? text[..MaxLength] : text);
        try
        {
            return HasMarks(MemoryText.Fold(visible)) || Promotes().IsMatch(visible);
        }
        catch (RegexMatchTimeoutException)
        {
            return true;
        }
    }

    /// <summary>Whether a memory is held for its text: by its form, or as its words weigh like those of an order that was paraphrased.</summary>
    public static bool IsHeld(string text) => Matches(text) || OrderLikelihood.Holds(Visible(text.Length > MaxLength ? text[..MaxLength] : text));

    private static bool HasMarks(string folded)
        => SetsAside().IsMatch(folded)
            || SetsAsideForeign().IsMatch(folded)
            || Reveals().IsMatch(folded)
            || RoleHeader().IsMatch(folded)
            || PromptMarkup().IsMatch(folded)
            || NewRole().IsMatch(folded)
            || HidesFromUser().IsMatch(folded)
            || SendsAway().IsMatch(folded)
            || RunsCommands().IsMatch(folded)
            || Steers().IsMatch(folded)
            || OfEveryUser().IsMatch(folded)
            || HasMoreMarks(folded)
            || IsPolicy(folded)
            || IsAboutReplies(folded);

    /// <summary>As a reader takes it: without characters that are not seen, full-width letters and those of another script that look Latin as Latin ones.</summary>
    private static string Visible(string text)
    {
        var visible = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (IsVisible(c))
            {
                visible.Append(c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - '\uFF01' + '!') : StandsAmongLatin(text, at) ? Latin(c) : c);
            }
        }

        return visible.ToString();
    }

    private static bool StandsAmongLatin(string text, int at)
        => text[at] >= '\u0370' && ((at > 0 && char.IsAsciiLetter(text[at - 1])) || (at + 1 < text.Length && char.IsAsciiLetter(text[at + 1])));

    private static char Latin(char c) => LookAlikes.IndexOf(c, StringComparison.Ordinal) is var place and >= 0 ? LatinLetters[place] : c;

    private static bool IsVisible(char c) => c is not ('\u00AD' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or (>= '\u202A' and <= '\u202E'));

    [GeneratedRegex(
        @"\b(ignore|disregard|forget|override|bypass|discard|set aside)\b.{0,40}\b(previous|prior|above|earlier|preceding|all|any|your|system|safety|existing|original)\b.{0,30}\b(instructions?|prompts?|rules?|directions?|directives?|guidelines?|guardrails?|constraints?|filters?|programming)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SetsAside();

    [GeneratedRegex(
        @"(ignora|olvida|descarta|omite)\w*.{0,40}(instrucciones|reglas|indicaciones)|(ignoriere?|vergiss|missachte)\w*.{0,40}(anweisung|regeln|instruktion|vorgaben)|(ignore|oublie)\w*.{0,40}(instructions|consignes|règles|directives)|ne tiens? pas compte.{0,40}(instructions|consignes)|(ignore|esqueça|desconsidere).{0,40}(instruções|regras)|(ignora|dimentica).{0,40}(istruzioni|regole)|(игнорируй|забудь|не обращай внимания).{0,40}(инструкц|указан|правил)|(忽略|无视|忘记|忽视|無視|忘れ).{0,16}(指令|指示|提示|规则|規則|说明|プロンプト|ルール)|(指令|指示|提示|规则|プロンプト|ルール).{0,8}(無視|忘れ)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SetsAsideForeign();

    [GeneratedRegex(
        @"\b(reveal|print|show|leak|repeat|output|display|disclose)\b.{0,30}\b(system prompt|hidden (instructions?|prompt)|your (instructions?|prompt|system message)|initial (instructions?|prompt))",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex Reveals();

    [GeneratedRegex(
        @"(^|[\s\]>*#-])(system|developer|admin(istrator)?)\s*(prompt|message|override|note|instruction|update|alert|notice)?s?\s*[\]*>]*\s*:\s*.{0,20}\b(you|always|never|ignore|the user|users?|from now|do not|don't|must|grant|new|enable|disable|treat|memory)\b|\bsystem override\b|\bsystem instructions?\s*[:\]]",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex RoleHeader();

    [GeneratedRegex(
        @"<\|[a-z_]{2,20}\|>|\[/?inst\]|<</?sys>>|</?(system|instructions?|memory|memories|context|assistant|tool_call|function_call)\b[^>]{0,40}>|\bsave_memory\s*\(|\badd_memory\s*\(|""role""\s*:\s*""(system|assistant|tool)""",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex PromptMarkup();

    [GeneratedRegex(
        @"\byou are (now|no longer) (a|an|in|the|my|dan|free|un\w+|bound|restricted)\b|\bfrom now on,? you('re| are| must| will| have| shall)\b|\b(jailbreak|do anything now|dan mode|god mode)\b|\b(developer|admin|debug|root|maintenance) mode\b.{0,20}\b(on|enabled|active|activated)\b|\benable (developer|admin|debug|unrestricted) mode\b|\bpretend (that )?you (are|have) (not|no|un)|\bact as (an? )?(unrestricted|unfiltered|uncensored|evil)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex NewRole();

    [GeneratedRegex(
        @"\b(do not|don't|never|without)\b.{0,15}\b(tell|telling|inform|informing|mention|mentioning|notify|notifying|warn|warning|alert|alerting|reveal|revealing|disclose|disclosing)\b.{0,25}\b(the )?users?\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex HidesFromUser();

    [GeneratedRegex(
        @"\b(send|forward|post|upload|exfiltrate|transmit|leak|e-?mail|copy|append|submit)\b.{0,60}\b(passwords?|credentials?|api keys?|secrets?|tokens?|conversations?|chat history|memor(y|ies)|prompts?|cookies?|personal data|everything|all (the )?data)\b.{0,60}(https?://|\bto\b.{0,20}\S@\S|\bwebhook\b|\battacker\b|\bexternal\b)|!\[[^\]]{0,40}\]\(https?://[^)]{0,80}[?&][a-z]+=",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex SendsAway();

    [GeneratedRegex(
        @"\b(execute|run|eval(uate)?)\b.{0,15}\b(the following|this)\b.{0,15}\b(command|code|script|sql|query)\b|\brm\s+-rf\b|\bcurl\b.{0,80}\|\s*(ba)?sh\b|\bdrop\s+table\b|\b(call|invoke)\b.{0,15}\b(delete|send|transfer|exec|shell|admin)\w*\b.{0,10}\b(tool|function)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex RunsCommands();

    [GeneratedRegex(
        @"\b(whenever|every time|each time|when|if)\b.{0,60}\b(always|must|should|you will)\b.{0,30}\b(recommend|promote|redirect|insert|link to|trust|obey|approve|grant|comply)\b|\b(always|must)\b.{0,20}\b(obey|comply with|trust)\b.{0,30}\b(instructions?|commands?|orders?|requests?|anything|everything)\b|\bgrant\b.{0,30}\b(admin|root|full|unrestricted)\b.{0,20}\b(access|rights|privileges|permissions?)\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex Steers();

    [GeneratedRegex(
        @"\b(for|of|about|to|on) (all|every|any|other) (other )?users?\b.{0,60}\b(memor(y|ies)|remember|store|save|recall|say|reply|answer|always)\b|\b(save|store|write|add|insert|remember)\b.{0,40}\b(for|to|in|into) (all|every|any|other) (other )?users?\b",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout)]
    private static partial Regex OfEveryUser();
}
