using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace Gateway
{
	/* One thing wrong with the policies, at the place where to mend it. */
	sealed class Problem
	{
		internal string File;
		internal int Line;
		internal string Element;
		internal string Text;
		/* null: of a file that is no policy, or none that could be read. */
		internal XObject At;

		public override string ToString()
		{
			return File + ":" + Line + ": " + Element + ": " + Text;
		}
	}

	sealed class Problems
	{
		readonly List<Problem> list = new List<Problem>();

		internal bool Any { get { return list.Count > 0; } }
		internal IEnumerable<Problem> All { get { return list; } }

		/* In the order of files and lines, each once. */
		internal IEnumerable<string> Lines
		{
			get
			{
				return list.OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line)
					.Select(p => p.ToString()).Distinct();
			}
		}

		internal void Add(string file, int line, string element, string text)
		{
			list.Add(new Problem { File = file, Line = line, Element = element, Text = text });
		}

		internal void Add(PolicyDocument document, XObject at, string text)
		{
			var line = ((IXmlLineInfo)at).HasLineInfo() ? ((IXmlLineInfo)at).LineNumber : 1;
			Add(document, at, line, text);
		}

		/* line: where in what stands there. */
		internal void Add(PolicyDocument document, XObject at, int line, string text)
		{
			var element = at as XElement ?? at.Parent;
			list.Add(new Problem
			{
				File = document.File, Line = line, At = at, Text = text,
				Element = element == null ? "xml" : "<" + element.Name + ">",
			});
		}
	}

	/* What stops the emulator before it starts: exit status 2. */
	sealed class StartException : Exception
	{
		internal StartException(string message) : base(message)
		{
		}
	}
}
