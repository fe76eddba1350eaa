using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace MemoryMesh.Tests.Unit.Architecture;

/// <summary>A use of a type of another assembly.</summary>
/// <param name="User">Full name of the outermost type that uses it.</param>
/// <param name="Used">Full name of the used type.</param>
/// <param name="Member">The member that is called or read; null when the type itself is named.</param>
/// <param name="Signature">Full names of the types in the member's signature and type arguments.</param>
internal sealed record TypeUse(string User, string Used, string? Member, string Signature);

/// <summary>Reads which types of other assemblies each type of an assembly uses: in its members' signatures and in the IL of its methods.</summary>
internal sealed class TypeReferences
{
    private static readonly Dictionary<ushort, OpCode> OpCodes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => unchecked((ushort)code.Value));

    private readonly MetadataReader _metadata;
    private readonly PEReader _file;
    private readonly Names _names = new();
    private readonly HashSet<TypeUse> _uses = [];

    private TypeReferences(PEReader file)
    {
        _file = file;
        _metadata = file.GetMetadataReader();
    }

    /// <summary>Names of the assemblies that an assembly references.</summary>
    public static IReadOnlyList<string> AssembliesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    /// <summary>Every use in an assembly.</summary>
    public static IReadOnlySet<TypeUse> Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var references = new TypeReferences(file);
        foreach (var handle in references._metadata.TypeDefinitions)
        {
            references.ReadType(handle);
        }

        return references._uses;
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var user = OutermostName(handle);
        Use(user, type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            Use(user, _metadata.GetInterfaceImplementation(implemented).Interface);
        }

        foreach (var field in type.GetFields())
        {
            UseNames(user, _metadata.GetFieldDefinition(field).DecodeSignature(_names, null));
        }

        foreach (var methodHandle in type.GetMethods())
        {
            var method = _metadata.GetMethodDefinition(methodHandle);
            UseNames(user, Join(method.DecodeSignature(_names, null)));
            if (method.RelativeVirtualAddress != 0)
            {
                var body = _file.GetMethodBody(method.RelativeVirtualAddress);
                if (!body.LocalSignature.IsNil)
                {
                    foreach (var local in _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null))
                    {
                        UseNames(user, local);
                    }
                }

                ReadIl(user, body.GetILReader());
            }
        }
    }

    private void ReadIl(string user, BlobReader il)
    {
        while (il.RemainingBytes > 0)
        {
            ushort value = il.ReadByte();
            if (value == 0xFE)
            {
                value = (ushort)(0xFE00 | il.ReadByte());
            }

            switch (OpCodes[value].OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Use(user, MetadataTokens.EntityHandle(il.ReadInt32()));
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
                case OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.Offset += 8;
                    break;
                case OperandType.InlineSwitch:
                    var targets = il.ReadInt32();
                    il.Offset += 4 * targets;
                    break;
                default:
                    il.Offset += 4;
                    break;
            }
        }
    }

    private void Use(string user, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeReference:
                UseNames(user, _names.GetTypeFromReference(_metadata, (TypeReferenceHandle)handle, 0));
                break;
            case HandleKind.TypeSpecification:
                UseNames(user, _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_names, null));
                break;
            case HandleKind.MethodSpecification:
                var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                var arguments = string.Join(' ', generic.DecodeSignature(_names, null));
                UseNames(user, arguments);
                UseMember(user, generic.Method, arguments);
                break;
            case HandleKind.MemberReference:
                UseMember(user, handle, "");
                break;
        }
    }

    private void UseMember(string user, EntityHandle handle, string arguments)
    {
        if (handle.Kind != HandleKind.MemberReference)
        {
            return;
        }

        var member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
        var signature = member.GetKind() == MemberReferenceKind.Method
            ? Join(member.DecodeMethodSignature(_names, null))
            : member.DecodeFieldSignature(_names, null);
        UseNames(user, signature);
        var owner = member.Parent.Kind switch
        {
            HandleKind.TypeReference => _names.GetTypeFromReference(_metadata, (TypeReferenceHandle)member.Parent, 0),
            HandleKind.TypeSpecification => _metadata.GetTypeSpecification((TypeSpecificationHandle)member.Parent).DecodeSignature(_names, null),
            _ => null,
        };
        if (owner is null)
        {
            return;
        }

        UseNames(user, owner);
        _uses.Add(new TypeUse(user, owner.Split(' ')[0], _metadata.GetString(member.Name), $"{signature} {owner} {arguments}"));
    }

    private void UseNames(string user, string names)
    {
        foreach (var name in names.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            _uses.Add(new TypeUse(user, name, null, ""));
        }
    }

    private string OutermostName(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        while (type.IsNested)
        {
            type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return $"{_metadata.GetString(type.Namespace)}.{_metadata.GetString(type.Name)}";
    }

    private static string Join(MethodSignature<string> signature) => string.Join(' ', signature.ParameterTypes.Prepend(signature.ReturnType));

    /// <summary>A signature as the full names of all its types, the outer one first, with spaces between them.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}.{name}"
                : $"{reader.GetString(type.Namespace)}.{name}";
        }

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
            => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType} {string.Join(' ', typeArguments)}";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => "";

        public string GetGenericMethodParameter(object? genericContext, int index) => "";

        public string GetGenericTypeParameter(object? genericContext, int index) => "";

        public string GetArrayType(string elementType, ArrayShape shape) => elementType;

        public string GetSZArrayType(string elementType) => elementType;

        public string GetByReferenceType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} {modifier}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => Join(signature);
    }
}
