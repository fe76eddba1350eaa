using System.Text;

namespace MemoryMesh.AppHost.Docs;

/// <summary>Writes Markdown with line feeds only, so that a page is the same on every system.</summary>
internal sealed class MarkdownPage
{
    private readonly StringBuilder _text = new();

    public MarkdownPage(string title)
    {
        _text.Append("# ").Append(title).Append("\n\n<!-- Written by `").Append(DocsCommand.CommandLine).Append("` from the code: change it there. -->\n");
    }

    public MarkdownPage Heading(string heading)
    {
        _text.Append("\n## ").Append(heading).Append('\n');
        return this;
    }

    public MarkdownPage Paragraph(string text)
    {
        _text.Append('\n').Append(text).Append('\n');
        return this;
    }

    public MarkdownPage Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string?>> rows)
    {
        _text.Append('\n');
        Row(columns);
        Row([.. columns.Select(_ => "---")]);
        foreach (var row in rows)
        {
            Row(row);
        }

        return this;
    }

    public override string ToString() => _text.ToString();

    private void Row(IReadOnlyList<string?> cells)
        => _text.Append("| ").AppendJoin(" | ", cells.Select(cell => string.IsNullOrEmpty(cell) ? "–" : cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
