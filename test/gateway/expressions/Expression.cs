using System;
using System.Collections.Generic;
using System.Xml;
using System.Xml.Linq;
using Gateway.Api;

namespace Gateway
{
	/* One @(...) or @{...} of a policy: where it stands, its C#, and once compiled the method. */
	sealed class Expression
	{
		internal PolicyDocument Document;
		internal XObject At;
		internal int Line;
		internal string Code;
		/* Its value is a condition. */
		internal bool Boolean;
		internal Func<IContext, object> Run;

		/* Whether trimmed text means to be one expression. */
		internal static bool Looks(string text)
		{
			return text.StartsWith("@(") && text.EndsWith(")")
				|| text.StartsWith("@{") && text.EndsWith("}");
		}
	}

	/* All expressions of all documents, by the attribute or element that is one. */
	sealed class ExpressionTable
	{
		readonly Dictionary<XObject, Expression> byPlace = new Dictionary<XObject, Expression>();
		readonly List<Expression> inOrder = new List<Expression>();

		internal IList<Expression> All { get { return inOrder; } }

		internal void Add(PolicyDocument document, XObject at, string text, bool boolean)
		{
			var start = 0;
			var line = LineOf(at);
			for (; char.IsWhiteSpace(text[start]); start++)
				line += text[start] == '\n' ? 1 : 0;
			var expression = new Expression
			{
				Document = document, At = at, Boolean = boolean, Line = line, Code = text.Trim(),
			};
			byPlace[at] = expression;
			inOrder.Add(expression);
		}

		/* null when the place holds plain text. */
		internal Expression Find(XObject at)
		{
			Expression expression;
			return byPlace.TryGetValue(at, out expression) ? expression : null;
		}

		/* An element's text begins where its first text node does. */
		static int LineOf(XObject at)
		{
			var element = at as XElement;
			var from = element == null || element.FirstNode == null ? at : element.FirstNode;
			return ((IXmlLineInfo)from).HasLineInfo() ? ((IXmlLineInfo)from).LineNumber : 1;
		}
	}
}
