using MemoryMesh.Contracts.Memory;
using MemoryMesh.Memory.Endpoints;
using MemoryMesh.Memory.Preferences;
using MemoryMesh.Memory.Storage;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Memory;

/// <summary>What exports and imports take of a subject beside its memories: preferences and core blocks.</summary>
internal sealed class SubjectTransfer(ICoreBlockStore blocks, IPreferenceStore preferences, IOptions<MemoryOptions> options, TimeProvider clock)
{
    private const int DefaultLimit = 2_000;

    /// <summary>The settings of a subject with what is kept beside them; null when there is nothing.</summary>
    public async Task<SettingsCopy?> FindAsync(Guid tenantId, Guid subjectKey, SubjectSettings? settings, CancellationToken cancellationToken)
    {
        var stored = await preferences.FindAsync(tenantId, subjectKey, cancellationToken);
        var copies = new List<BlockCopy>();
        foreach (var block in await blocks.ListAsync(tenantId, [subjectKey], cancellationToken))
        {
            var versions = await blocks.ListVersionsAsync(block, cancellationToken);
            copies.Add(new BlockCopy(
                block.Label, block.Description, block.Text, block.MaxCharacters, block.ReadOnly, block.CreatedAt, block.UpdatedAt,
                [.. versions.Select(version => new BlockTextCopy(version.Version, version.Text, version.At))]));
        }

        var changed = settings?.UpdatedAt ?? stored.Set.Values.Select(set => set.At).Concat(copies.Select(block => block.UpdatedAt)).Select(at => (DateTimeOffset?)at).Max();
        return changed is null
            ? null
            : new SettingsCopy(subjectKey, settings?.OptedOut == true, changed.Value)
            {
                Preferences = stored.Set.ToDictionary(set => set.Key, set => new PreferenceCopy(set.Value.Value, set.Value.At), StringComparer.Ordinal),
                Blocks = copies,
                AllowedCategories = settings?.AllowedCategories,
            };
    }

    /// <summary>Takes over what was set and the blocks of labels that are not there; what breaks a rule is left out.</summary>
    public async Task ImportAsync(MemoryImport import, SettingsCopy copy, CancellationToken cancellationToken)
    {
        var known = PreferenceTraits.All.Select(trait => trait.Trait).ToHashSet(StringComparer.Ordinal);
        var set = copy.Preferences
            .Where(preference => preference.Value is { Value: { } value } && known.Contains(preference.Key) && PreferenceTraits.Check(preference.Key, value) is null)
            .ToDictionary(preference => preference.Key, preference => new SetValue(preference.Value.Value!, preference.Value.UpdatedAt), StringComparer.Ordinal);
        if (set.Count > 0)
        {
            await preferences.ChangeAsync(
                import.TenantId,
                copy.SubjectKey,
                before =>
                {
                    var newer = set.Where(value => !before.Set.TryGetValue(value.Key, out var present) || present.At < value.Value.At).ToList();
                    return newer.Count == 0
                        ? before
                        : before with
                        {
                            Set = before.Set.Where(value => newer.All(other => other.Key != value.Key)).Concat(newer).ToDictionary(StringComparer.Ordinal),
                            Version = before.Version + 1,
                            UpdatedAt = StoredTime.Now(clock),
                        };
                },
                learned: false,
                cancellationToken);
        }

        foreach (var block in copy.Blocks.Where(IsAllowed).Take(options.Value.MaxBlocks))
        {
            var now = StoredTime.Now(clock);
            await blocks.AddAsync(
                new CoreBlock
                {
                    Id = Guid.CreateVersion7(now),
                    TenantId = import.TenantId,
                    Owner = new MemoryOwner(MemoryScope.User, copy.SubjectKey, copy.UserId),
                    Label = block.Label!,
                    Description = block.Description,
                    Text = block.Text!,
                    MaxCharacters = block.Limit > 0 ? block.Limit : DefaultLimit,
                    ReadOnly = block.ReadOnly,
                    Version = 1,
                    CreatedAt = now,
                    UpdatedAt = now,
                },
                import.AccountId,
                options.Value.MaxBlocks,
                null,
                cancellationToken);
        }
    }

    private static bool IsAllowed(BlockCopy block)
        => RequestValidation.Check(new AddBlockRequest { Label = block.Label, Description = block.Description, Text = block.Text, Limit = block.Limit }).Count == 0
            && BlockEndpoints.IsWithin(block.Text!, block.Limit);
}
