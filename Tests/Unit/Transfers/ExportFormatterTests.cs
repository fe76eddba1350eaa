using System.Buffers;
using System.Text;
using System.Text.Json;
using MemoryMesh.Retention.Transfers;
using MemoryMesh.Retention.Transfers.Exports;

namespace MemoryMesh.Tests.Unit.Transfers;

public class ExportFormatterTests
{
    [TestCase("=1+1", "'=1+1")]
    [TestCase("+1", "'+1")]
    [TestCase("-1", "'-1")]
    [TestCase("@SUM(A1)", "'@SUM(A1)")]
    [TestCase("\t=1", "'\t=1")]
    [TestCase("  =1", "'  =1")]
    [TestCase("＝1", "'＝1")]
    [TestCase("a=1", "a=1")]
    [TestCase("", "")]
    [TestCase(null, null)]
    public void A_text_like_a_formula_is_guarded_in_csv(string? text, string? expected) => Assert.That(CsvFormatter.Text(text), Is.EqualTo(expected));

    [Test]
    public void Each_row_of_csv_has_all_columns()
    {
        var rows = Write(ExportFormat.Csv).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.That(rows, Has.Length.EqualTo(8));
        Assert.That(rows.Select(row => Columns(row)), Is.All.EqualTo(Columns(rows[0])));
        Assert.That(rows.Select(row => row[..row.IndexOf(',', StringComparison.Ordinal)]), Is.EqualTo((string[])
            ["type", "conversation", "message", "message", "memory", "memory_source", "memory_version", "settings"]));
    }

    [Test]
    public void Json_and_ndjson_hold_the_same_records()
    {
        var json = JsonDocument.Parse(Write(ExportFormat.Json)).RootElement;
        var lines = Write(ExportFormat.Ndjson).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.That(lines.Select(line => line.GetProperty("type").GetString()), Is.EqualTo((string[])
            ["export", "conversation", "message", "message", "memory", "settings", "end"]));
        Assert.That(json.GetProperty("conversations")[0].GetProperty("messages")[0].GetRawText(), Is.EqualTo(lines[2].GetRawText()));
        Assert.That(json.GetProperty("messages")[0].GetRawText(), Is.EqualTo(lines[3].GetRawText()));
        Assert.That(json.GetProperty("memories")[0].GetRawText(), Is.EqualTo(lines[4].GetRawText()));
        Assert.That(json.GetProperty("settings")[0].GetRawText(), Is.EqualTo(lines[5].GetRawText()));
        Assert.That(json.GetProperty("end").GetRawText(), Is.EqualTo(lines[6].GetRawText()));
    }

    [Test]
    public void No_line_of_a_text_leaves_its_quotation_in_markdown()
    {
        var lines = Write(ExportFormat.Markdown).Split('\n');
        Assert.That(lines.Where(line => line.Contains("not a heading", StringComparison.Ordinal)), Is.Not.Empty.And.All.StartsWith("> "));
        Assert.That(lines, Does.Contain("## `` a `title` ``"));
    }

    private static int Columns(string row)
    {
        var (count, quoted) = (1, false);
        foreach (var c in row)
        {
            quoted ^= c == '"';
            count += c == ',' && !quoted ? 1 : 0;
        }

        return count;
    }

    private static string Write(ExportFormat format)
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var message = new MessageEntry
        {
            Id = Guid.Empty, ConversationId = "c, 1", UserId = "u", Role = "user", Content = "one\r\n# not a heading\u2028# not a heading", CreatedAt = at, UpdatedAt = at,
        };
        var output = new ArrayBufferWriter<byte>();
        using var formatter = ExportFormatter.Create(format, output);
        formatter.Begin(new ExportEntry { FormatVersion = 1, What = "subject", TenantId = Guid.Empty, CreatedAt = at });
        formatter.BeginSection(ExportSection.Conversations);
        formatter.BeginConversation(new ConversationEntry { ConversationId = "c, 1", Title = "a `title`", CreatedAt = at });
        formatter.Message(format == ExportFormat.Csv ? message with { Content = "a, \"b\"" } : message);
        formatter.EndConversation();
        formatter.EndSection();
        formatter.BeginSection(ExportSection.Messages);
        formatter.Message(message with { Content = "plain" });
        formatter.EndSection();
        formatter.BeginSection(ExportSection.Memories);
        formatter.Memory(new MemoryEntry
        {
            Id = Guid.Empty, Scope = "user", Text = "Likes tea", Category = "preference", Importance = .5, Confidence = 1, ValidFrom = at, Version = 1, CreatedAt = at, UpdatedAt = at,
            Sources = [new SourceEntry(Guid.Empty, "c, 1", 0, 4, "tea, please")],
            History = [new VersionEntry(1, "ADD", null, "Likes tea", at, "extraction")],
        });
        formatter.EndSection();
        formatter.BeginSection(ExportSection.Settings);
        formatter.Settings(new SettingsEntry { UserId = "u", OptedOut = true, UpdatedAt = at });
        formatter.EndSection();
        formatter.End(new EndEntry { Conversations = 1, Messages = 2, Memories = 1, Settings = 1 });
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
