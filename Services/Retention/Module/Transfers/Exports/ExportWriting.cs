using System.Buffers;
using MemoryMesh.Contracts.Analytics;
using MemoryMesh.Contracts.Chat;
using MemoryMesh.Contracts.Memory;
using MemoryMesh.Contracts.Search;
using MemoryMesh.ServiceDefaults.Analytics;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Retention.Transfers.Exports;

/// <summary>What an export is written from.</summary>
internal sealed record ExportSources(
    IChatTransfer Chat,
    IMemoryTransfer Memory,
    ISearchTransfer Search,
    IChatUsage ChatUsage,
    IMemoryUsage MemoryUsage,
    ISearchUsage SearchUsage,
    IExportStore Store,
    Patience Patience,
    TimeProvider Clock,
    IOptions<TransferOptions> Options);

/// <summary>The file grew over the limit.</summary>
internal sealed class ExportTooLargeException : Exception;

/// <summary>The writing of one file.</summary>
internal sealed class ExportWriting(
    ExportSources sources, ExportRecord export, SealedFileWriter file, ArrayBufferWriter<byte> buffer, ExportFormatter formatter)
{
    /// <summary>Bytes that are gathered before they go to the file.</summary>
    public const int FlushSize = 64 * 1024;

    private const int PageSize = 200;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Guid, SettingsEntry> _settings = [];
    private long _reportedAt = sources.Clock.GetTimestamp();
    private long _conversations;
    private long _messages;
    private long _memories;
    private long _intervals;

    public ExportRecord Export { get; private set; } = export;

    private Guid TenantId => Export.TenantId;

    /// <summary>The subject that is exported; null for the whole tenant.</summary>
    private Guid? Subject => Export.What == ExportSubject.Subject ? Export.OwnerKey : null;

    /// <returns>False when what it is about is gone.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        formatter.Begin(new ExportEntry
        {
            FormatVersion = TransferJson.FormatVersion,
            What = ExportNames.Of(Export.What),
            TenantId = TenantId,
            UserId = Export.Request.UserId,
            ConversationId = Export.Request.ConversationId,
            Period = Export.Request.Period,
            CreatedAt = Export.CreatedAt,
        });
        if (Export.What == ExportSubject.Conversation)
        {
            var conversation = await sources.Patience.TryAsync(
                token => sources.Chat.FindConversationAsync(TenantId, Export.ConversationKey!.Value, Export.OwnerKey, token), cancellationToken);
            if (conversation is null)
            {
                return false;
            }

            await CountedAsync(conversation.MessageCount, cancellationToken);
            formatter.BeginSection(ExportSection.Conversations);
            await WriteConversationAsync(conversation, cancellationToken);
            formatter.EndSection();
        }
        else if (Export.What == ExportSubject.Analytics)
        {
            await WriteUsageAsync(Export.Request.Period!.Read(), cancellationToken);
        }
        else
        {
            await CountedAsync(
                await sources.Patience.TryAsync(token => sources.Chat.CountMessagesAsync(TenantId, Subject, token), cancellationToken)
                + await sources.Patience.TryAsync(token => sources.Memory.CountMemoriesAsync(TenantId, Subject, token), cancellationToken),
                cancellationToken);
            await WriteConversationsAsync(cancellationToken);
            await WriteMessagesElsewhereAsync(cancellationToken);
            await WriteMemoriesAsync(cancellationToken);
            await WriteLearningAsync(cancellationToken);
            await WriteKeptAsync(cancellationToken);
            await WriteSettingsAsync(cancellationToken);
        }

        formatter.End(new EndEntry
        {
            Conversations = _conversations,
            Messages = _messages,
            Memories = _memories,
            Settings = _settings.Count,
            Intervals = _intervals,
        });
        await FlushAsync(0, cancellationToken);
        return true;
    }

    private async Task WriteUsageAsync(AnalyticsPeriod period, CancellationToken cancellationToken)
    {
        var boundaries = period.Divide()!;
        await CountedAsync(boundaries.Count - 1, cancellationToken);
        var services = (sources.ChatUsage, sources.MemoryUsage, sources.SearchUsage);
        var (messages, memories, searches) = await sources.Patience.TryAsync(token => UsageSeries.ReadAsync(services, TenantId, boundaries, token), cancellationToken);
        formatter.BeginSection(ExportSection.Usage);
        foreach (var (i, counts) in UsageSeries.Join(messages, memories, searches).Index())
        {
            formatter.Usage(new UsageEntry { Start = period.Show(boundaries[i]), End = period.Show(boundaries[i + 1]), Usage = counts });
            await FlushAsync(FlushSize, cancellationToken);
        }

        formatter.EndSection();
        _intervals = boundaries.Count - 1;
        await WrittenAsync(boundaries.Count - 1, cancellationToken);
    }

    private async Task WriteConversationsAsync(CancellationToken cancellationToken)
    {
        formatter.BeginSection(ExportSection.Conversations);
        Guid? after = null;
        do
        {
            var from = after;
            var page = await sources.Patience.TryAsync(token => sources.Chat.ListConversationsAsync(TenantId, Subject, from, PageSize, token), cancellationToken);
            await NoteSettingsAsync([.. page.Conversations.Select(conversation => (conversation.SubjectKey, conversation.UserId))], cancellationToken);
            foreach (var conversation in page.Conversations)
            {
                await WriteConversationAsync(conversation, cancellationToken);
            }

            after = page.Next;
        }
        while (after is not null);
        formatter.EndSection();
    }

    private async Task WriteConversationAsync(ConversationCopy conversation, CancellationToken cancellationToken)
    {
        formatter.BeginConversation(ConversationEntry.From(conversation));
        _conversations++;
        await WriteMessagesAsync(
            (after, token) => sources.Chat.ListMessagesAsync(TenantId, conversation.ConversationKey, after, PageSize, token), cancellationToken);
        formatter.EndConversation();
    }

    private async Task WriteMessagesElsewhereAsync(CancellationToken cancellationToken)
    {
        if (Subject is { } subject)
        {
            formatter.BeginSection(ExportSection.Messages);
            await WriteMessagesAsync((after, token) => sources.Chat.ListMessagesElsewhereAsync(TenantId, subject, after, PageSize, token), cancellationToken);
            formatter.EndSection();
        }
    }

    private async Task WriteMessagesAsync(Func<MessagePlace?, CancellationToken, Task<MessageSlice>> readAsync, CancellationToken cancellationToken)
    {
        MessagePlace? after = null;
        do
        {
            var from = after;
            var page = await sources.Patience.TryAsync(token => readAsync(from, token), cancellationToken);
            foreach (var message in page.Messages)
            {
                formatter.Message(MessageEntry.From(message));
                await FlushAsync(FlushSize, cancellationToken);
            }

            _messages += page.Messages.Count;
            await WrittenAsync(page.Messages.Count, cancellationToken);
            after = page.Next;
        }
        while (after is not null);
    }

    private async Task WriteMemoriesAsync(CancellationToken cancellationToken)
    {
        formatter.BeginSection(ExportSection.Memories);
        Guid? after = null;
        do
        {
            var from = after;
            var page = await sources.Patience.TryAsync(token => sources.Memory.ListMemoriesAsync(TenantId, Subject, from, PageSize, token), cancellationToken);
            await NoteSettingsAsync(
                [.. page.Memories.Where(memory => memory.UserId is not null).Select(memory => (memory.OwnerKey, memory.UserId!))], cancellationToken);
            foreach (var memory in page.Memories)
            {
                formatter.Memory(MemoryEntry.From(memory));
                await FlushAsync(FlushSize, cancellationToken);
            }

            _memories += page.Memories.Count;
            await WrittenAsync(page.Memories.Count, cancellationToken);
            after = page.Next;
        }
        while (after is not null);
        formatter.EndSection();
    }

    private async Task WriteLearningAsync(CancellationToken cancellationToken)
    {
        formatter.BeginSection(ExportSection.Learning);
        await WriteLearningAsync((after, token) => sources.Memory.ListExtractionsAsync(TenantId, Subject, after, PageSize, token), cancellationToken);
        await WriteLearningAsync((after, token) => sources.Memory.ListConsentsAsync(TenantId, Subject, after, PageSize, token), cancellationToken);
        formatter.EndSection();
    }

    private async Task WriteLearningAsync(Func<Guid?, CancellationToken, Task<LearnedSlice>> readAsync, CancellationToken cancellationToken)
    {
        Guid? after = null;
        do
        {
            var from = after;
            var page = await sources.Patience.TryAsync(token => readAsync(from, token), cancellationToken);
            foreach (var learned in page.Items)
            {
                formatter.Learned(LearnedEntry.From(learned));
                await FlushAsync(FlushSize, cancellationToken);
            }

            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>What an account keeps is its own: it is in the export of the subject, not in that of the tenant.</summary>
    private async Task WriteKeptAsync(CancellationToken cancellationToken)
    {
        if (Subject is not { } subject)
        {
            return;
        }

        formatter.BeginSection(ExportSection.Kept);
        Guid? after = null;
        do
        {
            var from = after;
            var page = await sources.Patience.TryAsync(token => sources.Search.ListKeptAsync(TenantId, subject, from, PageSize, token), cancellationToken);
            foreach (var kept in page.Items)
            {
                formatter.Kept(KeptEntry.From(kept));
                await FlushAsync(FlushSize, cancellationToken);
            }

            after = page.Next;
        }
        while (after is not null);
        formatter.EndSection();
    }

    /// <summary>Written last: whoever is opted out could take no memories when the export is imported.</summary>
    private async Task WriteSettingsAsync(CancellationToken cancellationToken)
    {
        if (Subject is { } subject)
        {
            await NoteSettingsAsync([(subject, Export.Request.UserId!)], cancellationToken);
        }

        formatter.BeginSection(ExportSection.Settings);
        foreach (var settings in _settings.Values)
        {
            formatter.Settings(settings);
            await FlushAsync(FlushSize, cancellationToken);
        }

        formatter.EndSection();
    }

    /// <summary>Remembers the settings of subjects that are met: settings are kept under a keyed hash, so their names are known from elsewhere only.</summary>
    private async Task NoteSettingsAsync(IReadOnlyList<(Guid SubjectKey, string UserId)> subjects, CancellationToken cancellationToken)
    {
        var names = subjects.Where(subject => !_settings.ContainsKey(subject.SubjectKey)).DistinctBy(subject => subject.SubjectKey)
            .ToDictionary(subject => subject.SubjectKey, subject => subject.UserId);
        if (names.Count == 0)
        {
            return;
        }

        var found = await sources.Patience.TryAsync(token => sources.Memory.FindSettingsAsync(TenantId, [.. names.Keys], token), cancellationToken);
        foreach (var settings in found)
        {
            _settings[settings.SubjectKey] = new SettingsEntry
            {
                UserId = names[settings.SubjectKey],
                OptedOut = settings.OptedOut,
                UpdatedAt = settings.UpdatedAt,
                AllowedCategories = settings.AllowedCategories,
                Preferences = settings.Preferences,
                Blocks = settings.Blocks,
            };
        }
    }

    private Task CountedAsync(long total, CancellationToken cancellationToken)
    {
        Export = Export with { Total = total };
        return ReportAsync(cancellationToken);
    }

    private async Task WrittenAsync(int count, CancellationToken cancellationToken)
    {
        Export = Export with { Done = Export.Done + count };
        if (sources.Clock.GetElapsedTime(_reportedAt) >= ReportInterval)
        {
            await ReportAsync(cancellationToken);
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        _reportedAt = sources.Clock.GetTimestamp();
        if (!await sources.Patience.TryAsync(token => sources.Store.UpdateAsync(Export, token), cancellationToken))
        {
            throw new OperationCanceledException("The export was deleted.");
        }
    }

    private async ValueTask FlushAsync(int least, CancellationToken cancellationToken)
    {
        if (buffer.WrittenCount >= least)
        {
            await file.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
            if (file.Length > sources.Options.Value.MaxExportBytes)
            {
                throw new ExportTooLargeException();
            }
        }
    }
}
